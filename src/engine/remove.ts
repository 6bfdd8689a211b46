import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Digest } from '../formats/digest.ts';
import { familiarString, parseReference, withDefaultTag } from '../formats/reference.ts';
import { ioError } from '../host/io-error.ts';
import { chainOf } from '../store/layerdb.ts';
import { openStore, type Store } from '../store/store.ts';
import { findConflict, shortId } from './remove-conflict.ts';
import { removeLayers } from './remove-layers.ts';
import { isCanonicalName, isIdPrefix, resolveImage } from './resolve-image.ts';

export interface RemoveOptions {
  readonly dataRoot: string;
  readonly images: readonly string[];
  /** Also where a stopped container uses the image, or several names stand for it. */
  readonly force?: boolean;
  /** Keep parents that nothing else needs. */
  readonly noPrune?: boolean;
}

/** What was done, in docker's order: images and chain ids of layers are both `deleted`. */
export type RemoveRecord = { readonly untagged: string } | { readonly deleted: Digest };

export interface RemoveResult {
  readonly records: readonly RemoveRecord[];
  /** One for each image that could not be removed. */
  readonly errors: readonly LayerlabError[];
}

/**
 * Removes names, and images that lose their last one with the layers that nothing else needs, by the rules of `docker rmi`
 * (moby daemon/images/image_delete.go). Goes on after an image that cannot be removed.
 */
export function remove(options: RemoveOptions): RemoveResult {
  const store = openStore(options.dataRoot, { mode: 'write' });
  const records: RemoveRecord[] = [];
  const errors: LayerlabError[] = [];
  try {
    for (const image of options.images) {
      try {
        store.lock(() => removeOne(store, image, options, records));
      } catch (error) {
        errors.push(ioError(error, `removing ${image}`));
      }
    }
  } finally {
    store.close();
  }
  return { records, errors };
}

/** Removes by one name or id, under the lock: who removes a whole image by its id, and who only unnames it first. */
export function removeOne(store: Store, text: string, options: RemoveOptions, records: RemoveRecord[]): void {
  const force = options.force === true;
  const prune = options.noPrune !== true;
  const id = resolveImage(store, text);
  const names = namesOf(store, id);
  if (isIdPrefix(id, text)) {
    if (isSingleReference(names)) {
      const found = findConflict(store, id, {
        dependentChild: true,
        running: true,
        activeReference: false,
        stopped: !force,
      });
      if (found !== undefined) throw found.error;
      for (const name of names) untag(store, name, records);
    }
    removeImage(store, id, records, { force, prune, quiet: false });
    return;
  }
  if (!force && isSingleReference(names)) {
    const container = store.mounts.containers().find(({ image }) => image === id);
    if (container !== undefined) {
      throw new LayerlabError(
        'LL_CONFLICT',
        `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - container ${shortId(container.id)} is using its referenced image ${shortId(id)}`,
      );
    }
  }
  const reference = withDefaultTag(parseReference(text));
  untag(store, familiarString(reference), records);
  let rest = namesOf(store, id);
  if (reference.digest === undefined) {
    const repository = repositoryOf(familiarString(reference));
    const sameRepository = rest.filter((name) => repositoryOf(name) === repository);
    if (sameRepository.every(isCanonicalName)) {
      for (const name of sameRepository) untag(store, name, records);
      rest = rest.filter((name) => !sameRepository.includes(name));
    }
  }
  if (rest.length === 0) removeImage(store, id, records, { force, prune, quiet: true });
}

interface Manner {
  readonly force: boolean;
  readonly prune: boolean;
  /** Conflicts end the work without a word, but where the image is dangling and unused. */
  readonly quiet: boolean;
}

function removeImage(store: Store, id: Digest, records: RemoveRecord[], { force, prune, quiet }: Manner): void {
  const found = findConflict(store, id, {
    dependentChild: true,
    running: true,
    activeReference: !force,
    stopped: !force,
  });
  if (found !== undefined) {
    if (quiet && (!isDangling(store, id) || found.used)) return;
    throw found.error;
  }
  const parent = store.images.parent(id);
  const top = topLayer(store, id);
  for (const name of namesOf(store, id)) untag(store, name, records);
  store.images.remove(id);
  records.push({ deleted: id });
  for (const chain of removeLayers(store, top)) records.push({ deleted: chain });
  if (prune && parent !== undefined && store.images.has(parent)) {
    removeImage(store, parent, records, { force: false, prune: true, quiet: true });
  }
}

function untag(store: Store, name: string, records: RemoveRecord[]): void {
  store.references.delete(name);
  records.push({ untagged: name });
}

/** moby imageIsDangling: no name and no child. */
function isDangling(store: Store, id: Digest): boolean {
  return namesOf(store, id).length === 0 && !store.images.list().some((other) => store.images.parent(other) === id);
}

function namesOf(store: Store, id: Digest): string[] {
  return store.references.byImage(id).map(({ reference }) => reference);
}

function repositoryOf(name: string): string {
  const bare = name.split('@', 1)[0] ?? '';
  const colon = bare.lastIndexOf(':');
  return colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare;
}

/** All names are of one repository, with one tag at most; false where there is none. */
function isSingleReference(names: readonly string[]): boolean {
  if (names.length <= 1) return names.length === 1;
  const tags = names.filter((name) => !isCanonicalName(name));
  if (tags.length > 1) return false;
  return new Set(names.map(repositoryOf)).size === 1;
}

/** The topmost layer of an image; a damaged config must not keep an image from being removed. */
function topLayer(store: Store, id: Digest): Digest | undefined {
  try {
    return chainOf(store.images.config(id)?.diffIds ?? []);
  } catch {
    return undefined;
  }
}
