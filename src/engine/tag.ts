import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Digest } from '../formats/digest.ts';
import { formatGoTime, inLocalZone, nowNanos, timeFromNanos } from '../formats/go-time.ts';
import { parseReference, type Reference, withDefaultTag } from '../formats/reference.ts';
import { openStore, type Store } from '../store/store.ts';
import { resolveImage } from './resolve-image.ts';

export interface TagOptions {
  readonly dataRoot: string;
  readonly source: string;
  readonly target: string;
}

/**
 * Gives an image one more name; a name that stood for another image moves (moby daemon/images/image_tag.go). Throws
 * LL_REFERENCE in docker's words, LL_NOT_FOUND.
 */
export function tag(options: TagOptions): void {
  const target = parseTarget(options.target);
  const store = openStore(options.dataRoot, { mode: 'write' });
  try {
    store.lock(() => tagImage(store, resolveImage(store, options.source), target));
  } finally {
    store.close();
  }
}

/** Reads a name to give to an image: with a tag (`latest` unless told), never with a digest. Throws LL_REFERENCE. */
export function parseTarget(text: string): Reference {
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError(
      error.code,
      `Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${error.message}`,
      { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) },
    );
  }
  if (reference.digest !== undefined) {
    throw new LayerlabError('LL_REFERENCE', 'refusing to create a tag with a digest reference');
  }
  if (reference.domain === 'docker.io' && reference.path === 'library/sha256') {
    throw new LayerlabError('LL_REFERENCE', 'refusing to create an ambiguous tag using digest algorithm as name');
  }
  return withDefaultTag(reference);
}

/** Writes a name and the time of the tagging. `store` is open for writing. */
export function tagImage(store: Store, id: Digest, reference: Reference): void {
  store.lock(() => {
    store.images.setLastUpdated(id, taggedNow());
    store.references.set(reference, id);
  });
}

/** The time of a tagging, as dockerd writes it. */
export function taggedNow(): string {
  return formatGoTime(inLocalZone(timeFromNanos(nowNanos())));
}
