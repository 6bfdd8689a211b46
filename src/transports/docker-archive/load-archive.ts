import { applyTar } from '../../committer/apply-tar.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { chainId, type Digest, digestOf, hexOf } from '../../formats/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../formats/image-config.ts';
import { familiarString, parseReference, type Reference } from '../../formats/reference.ts';
import { sameHistoryRow } from '../../formats/same-history-row.ts';
import type { Store } from '../../store/store.ts';
import { decompress } from '../decompress.ts';
import { type ArchiveIndex, indexArchive } from './archive-index.ts';
import { type ArchiveImage, readManifest } from './archive-manifest.ts';

export interface LoadProgress {
  /** Short form of the layer's diff id. */
  readonly layer: string;
  /** Bytes of the layer's uncompressed tar so far. */
  readonly current: number;
  /** Bytes of the layer in the archive; smaller than `current` may become where it is compressed. */
  readonly total: number;
}

export interface LoadedImage {
  readonly id: Digest;
  /** Familiar names, in the archive's order. */
  readonly names: readonly string[];
}

const CONFIG_LIMIT = 8 << 20;

/**
 * Loads all images of an archive that `docker save` wrote, of any version since 1.10 (moby image/tarexport/load.go). Layers go
 * in first, then the image, then its names. `fd` can be read at any place. Throws LL_ARCHIVE, LL_DIGEST and what `applyTar`
 * does; images that were loaded before stay.
 */
export async function loadArchive(
  store: Store,
  fd: number,
  onProgress?: (progress: LoadProgress) => void,
): Promise<LoadedImage[]> {
  const archive = indexArchive(fd);
  const manifest = readManifest(archive);
  const loaded: LoadedImage[] = [];
  for (const item of manifest) loaded.push(await loadImage(store, archive, item, onProgress));
  linkParents(store, manifest, loaded);
  return loaded;
}

async function loadImage(
  store: Store,
  archive: ArchiveIndex,
  item: ArchiveImage,
  onProgress: ((progress: LoadProgress) => void) | undefined,
): Promise<LoadedImage> {
  const bytes = archive.read(item.config, CONFIG_LIMIT);
  const id = digestOf(bytes);
  checkConfigName(item.config, id);
  const image = parseImageConfig(bytes);
  const os = image.os === '' ? 'linux' : image.os;
  if (os !== 'linux') throw new LayerlabError('LL_ARCHIVE', `cannot load ${os} image on linux`);
  if (item.layers.length !== image.diffIds.length) {
    throw new LayerlabError(
      'LL_ARCHIVE',
      `invalid manifest, layers length mismatch: expected ${item.layers.length}, got ${image.diffIds.length}`,
    );
  }
  const references = item.repoTags.map(taggedReference);
  let parent: Digest | undefined;
  for (const [index, diffId] of image.diffIds.entries()) {
    const path = item.layers[index] ?? '';
    const total = archive.size(path);
    const layer = hexOf(diffId).slice(0, 12);
    await applyTar({
      store,
      parent,
      expectedDiffId: diffId,
      expectedSize: total,
      chunks: decompress(archive.chunks(path)).chunks,
      wrongDigest: (found) =>
        new LayerlabError('LL_DIGEST', `invalid diffID for layer ${index}: expected "${diffId}", got "${found}"`),
      onProgress: (current) => onProgress?.({ layer, current, total }),
    });
    parent = chainId(parent, diffId);
  }
  store.lease().hold([id]);
  store.images.create(bytes);
  for (const reference of references) store.references.set(reference, id);
  return { id, names: references.map(familiarString) };
}

/** A config that is named after its digest has to have it. */
function checkConfigName(name: string, id: Digest): void {
  const [named] = /[0-9a-f]{64}/.exec(name) ?? [];
  if (named !== undefined && named !== hexOf(id)) {
    throw new LayerlabError('LL_DIGEST', `the image config ${JSON.stringify(name)} has the digest ${id}`);
  }
}

function taggedReference(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === undefined) throw new LayerlabError('LL_REFERENCE', `invalid tag ${JSON.stringify(text)}`);
  return reference;
}

/** Parents are recorded only between images of one archive, and only where the child has one more row of history. */
function linkParents(store: Store, manifest: readonly ArchiveImage[], loaded: readonly LoadedImage[]): void {
  for (const [index, { id }] of loaded.entries()) {
    const parent = loaded.find((other) => other.id === manifest[index]?.parent && other.id !== id)?.id;
    if (parent === undefined) continue;
    const [child, base] = [store.images.config(id), store.images.config(parent)];
    if (child === undefined || base === undefined) continue;
    if (!isParent(base, child)) {
      throw new LayerlabError('LL_ARCHIVE', `image ${parent} is not a valid parent for ${id}`);
    }
    store.images.setParent(id, parent);
  }
}

function isParent(parent: ImageConfig, child: ImageConfig): boolean {
  if (parent.history.length === 0 && child.history.length === 0) return true;
  if (child.history.length - parent.history.length !== 1) return false;
  return parent.history.every((row, index) => sameHistoryRow(row, child.history[index]));
}
