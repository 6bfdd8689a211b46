import { LayerlabError } from '../errors/layerlab-error.ts';
import { type Digest, hexOf, isDigest } from '../formats/digest.ts';
import { familiarString, parseReference, type Reference, withDefaultTag } from '../formats/reference.ts';
import type { Store } from '../store/store.ts';

/**
 * The id of the image that a user means: a name (`:latest` where it has neither tag nor digest), an id, or the unambiguous
 * beginning of one, with or without `sha256:` (moby daemon/images/image.go GetImage). A name goes before an id. Undefined where
 * there is none. Throws LL_REFERENCE for what can be neither.
 */
export function findImage(store: Store, text: string): Digest | undefined {
  const wholeId = wholeImageId(text);
  if (wholeId !== undefined) return store.images.has(wholeId) ? wholeId : undefined;
  const named = store.references.resolve(withDefaultTag(parseReference(text)));
  if (named !== undefined && store.images.has(named)) return named;
  const candidates = imagesByPrefix(store, text);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** As `findImage`, but an image that is not there is LL_NOT_FOUND in docker's words. */
export function resolveImage(store: Store, text: string): Digest {
  const id = findImage(store, text);
  if (id === undefined) throw noSuchImage(text);
  return id;
}

export function noSuchImage(text: string): LayerlabError {
  const shown = wholeImageId(text) ?? familiarString(withDefaultTag(parseReference(text)));
  return new LayerlabError('LL_NOT_FOUND', `No such image: ${shown}`);
}

/** An id in full, `sha256:` perhaps left out. */
export function wholeImageId(text: string): Digest | undefined {
  const digest = text.includes(':') ? text : `sha256:${text}`;
  return isDigest(digest) ? digest : undefined;
}

/** The images whose id begins like this, with or without `sha256:`. */
export function imagesByPrefix(store: Store, text: string): Digest[] {
  const prefix = text.startsWith('sha256:') ? text.slice(7) : text;
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return [];
  return store.images.list().filter((id) => hexOf(id).startsWith(prefix));
}

/** Whether the user gave (the beginning of) this image's id and not a name. */
export function isIdPrefix(id: Digest, text: string): boolean {
  return id.startsWith(text) || hexOf(id).startsWith(text);
}

/** Whether a stored name (as `repositories.json` has it) is one by digest. */
export function isCanonicalName(reference: string): boolean {
  return reference.includes('@');
}

/** Reads a stored name back; undefined where somebody wrote one that is out of grammar. */
export function tryParseReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}
