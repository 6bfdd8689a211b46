import type { Writable } from 'node:stream';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Digest } from '../formats/digest.ts';
import { familiarName, familiarString, parseReference, type Reference } from '../formats/reference.ts';
import type { Store } from '../store/store.ts';
import { fileOutput, streamOutput } from '../transports/archive-output.ts';
import { type ImageToSave, saveArchive } from '../transports/docker-archive/save-archive.ts';
import { openForReading } from './open-for-reading.ts';
import { imagesByPrefix, tryParseReference, wholeImageId } from './resolve-image.ts';

export interface SaveOptions {
  readonly dataRoot: string;
  /** Names (without a tag: all tags of it), or ids. */
  readonly images: readonly string[];
  /** A path, or a stream, which is left open. */
  readonly output: string | Writable;
  readonly onProgress?: (progress: { readonly current: number; readonly total: number }) => void;
}

/**
 * Writes images into one archive that `docker load` reads, as `docker save` of 28.5 does. Works beside a running dockerd. Throws
 * LL_NOT_FOUND, LL_REFERENCE, LL_CORRUPT; a file that was there is then as before.
 */
export async function save(options: SaveOptions): Promise<void> {
  const store = openForReading(options.dataRoot);
  const images = imagesToSave(store, options.images);
  const { output } = options;
  const sink = typeof output === 'string' ? fileOutput(output) : streamOutput(output);
  try {
    await saveArchive(store, images, sink, options.onProgress);
    await sink.finish();
  } catch (error) {
    sink.abort();
    throw error;
  }
}

/** Reads what the user asked for (moby image/tarexport/save.go parseNames), images in the order of their first mention. */
function imagesToSave(store: Store, names: readonly string[]): ImageToSave[] {
  const wanted = new Map<Digest, Reference[]>();
  const add = (id: Digest, reference: Reference | undefined): void => {
    const references = wanted.get(id) ?? [];
    wanted.set(id, references);
    if (reference?.tag === undefined) return;
    const name = familiarString(reference);
    if (!references.some((other) => familiarString(other) === name)) references.push(reference);
  };
  for (const name of names) {
    const id = wholeImageId(name);
    const reference = id === undefined ? parseReference(name) : undefined;
    if (id !== undefined) {
      if (!store.images.has(id)) throw noSuchImage(name);
      add(id, undefined);
    } else if (reference === undefined || familiarName(reference) === 'sha256') {
      add(byPrefix(store, name), undefined);
    } else if (reference.tag === undefined && reference.digest === undefined) {
      const tagged = tagsOf(store, familiarName(reference));
      for (const one of tagged) add(one.id, one.reference);
      if (tagged.length === 0) add(byPrefix(store, name), undefined);
    } else {
      const found = store.references.resolve(reference);
      if (found === undefined) throw new LayerlabError('LL_NOT_FOUND', `${name}: reference does not exist`);
      add(found, reference);
    }
  }
  return [...wanted].map(([id, references]) => ({ id, references }));
}

function tagsOf(
  store: Store,
  repository: string,
): { readonly id: Digest; readonly reference: Reference | undefined }[] {
  return store.references
    .list()
    .filter((entry) => entry.repository === repository)
    .map(({ id, reference }) => ({ id, reference: tryParseReference(reference) }));
}

function byPrefix(store: Store, name: string): Digest {
  const [id, ...others] = imagesByPrefix(store, name);
  if (id === undefined) throw noSuchImage(name);
  if (others.length > 0) throw new LayerlabError('LL_NOT_FOUND', `ambiguous digest string: ${name}`);
  return id;
}

function noSuchImage(name: string): LayerlabError {
  return new LayerlabError('LL_NOT_FOUND', `No such image: ${name}`);
}
