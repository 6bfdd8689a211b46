import type { ByteString } from '../formats/bytestring.ts';
import type { Digest } from '../formats/digest.ts';
import type { Reference } from '../formats/reference.ts';
import { replaceFiles } from './atomic-file.ts';
import type { Store } from './store.ts';

/** An image that is to be recorded. */
export interface NewImage {
  /** The bytes of its config. */
  readonly config: Buffer;
  /** What is to stand for it. */
  readonly names: readonly Reference[];
  /** The time of the tagging (RFC 3339), which is recorded where there are names. */
  readonly tagged: string;
}

/**
 * Records an image and its names, and returns its id: what `images.create`, `images.setLastUpdated` and `references.set` do one after the
 * other, in fewer flushes. A name never stands for an image that is not on the disk, nor an image on layers that are not. To be called
 * under the store's lock.
 *
 * @param folders those in which names of its layers are not on the disk yet
 * @throws LL_CORRUPT where a layer is missing; LL_NO_SPACE, LL_NO_RIGHT, LL_IO
 */
export function recordImage(store: Store, { config, names, tagged }: NewImage, folders: readonly ByteString[]): Digest {
  const { id, files } = store.images.newImage(config);
  const updated = names.length === 0 ? [] : [store.images.lastUpdatedFile(id, tagged)];
  const named = store.references.newNames(names, id);
  // Of an image that is there and has its names already, only the time of the tagging is new: a cut may leave the one before, as dockerd's does.
  replaceFiles([[...files, ...updated], named], folders, files.length > 0 || named.length > 0);
  return id;
}
