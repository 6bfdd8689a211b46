import { mkdirSync, renameSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { chainId, type Digest, hexOf, parseDigest } from '../formats/digest.ts';
import { isCacheId } from '../formats/ids.ts';
import { ioError } from '../host/io-error.ts';
import { writeFileUnsynced } from './atomic-file.ts';
import type { NewLayer } from './layerdb.ts';
import { type DataRootPaths, ensureDir } from './layout.ts';

/** A layer's record, written whole but not in its place yet. */
export interface StagedLayer {
  readonly chainId: Digest;
  readonly folder: ByteString;
}

/**
 * Writes the records of layers (as layerdb holds them) into `folder`, which is made where it is missing and has to be on the
 * file system of the data-root. For many layers at once: flushing the file system once costs less than flushing each of
 * their files, and brings the layers' own files to the disk as well. Whoever calls flushes before `placeLayers`.
 * Throws LL_DIGEST, LL_NO_SPACE, LL_NO_RIGHT, LL_IO.
 */
export function stageLayers(layers: readonly NewLayer[], folder: ByteString): readonly StagedLayer[] {
  try {
    mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
    return layers.map((layer) => stage(layer, folder));
  } catch (error) {
    throw ioError(error, 'recording layers');
  }
}

function stage(layer: NewLayer, folder: ByteString): StagedLayer {
  const { diffId, parent, cacheId, size, tarSplit } = layer;
  if (!isCacheId(cacheId)) throw new LayerlabError('LL_DIGEST', `invalid cache-id ${JSON.stringify(cacheId)}`);
  const id = chainId(parent === undefined ? undefined : parseDigest(parent), parseDigest(diffId));
  const set = `${folder}/${hexOf(id)}`;
  mkdirSync(fsPath(set), { mode: 0o700 });
  writeFileUnsynced(`${set}/tar-split.json.gz`, tarSplit, 0o644);
  writeFileUnsynced(`${set}/diff`, diffId, 0o644);
  writeFileUnsynced(`${set}/size`, String(size), 0o644);
  writeFileUnsynced(`${set}/cache-id`, cacheId, 0o644);
  if (parent !== undefined) writeFileUnsynced(`${set}/parent`, parent, 0o644);
  return { chainId: id, folder: set };
}

/**
 * Puts staged records, base first, into layerdb; what is there already stays. To be called under the store's lock, once
 * their bytes are on the disk, and their parents recorded or among them; whoever calls has to sync `paths.layers` before anything
 * names them. Throws LL_IO and its like.
 */
export function placeLayers(
  paths: DataRootPaths,
  staged: readonly StagedLayer[],
  isThere: (chain: Digest) => boolean,
): void {
  try {
    ensureDir(paths.layers, 0o755);
    for (const layer of staged) {
      if (!isThere(layer.chainId)) renameSync(fsPath(layer.folder), fsPath(`${paths.layers}/${hexOf(layer.chainId)}`));
    }
  } catch (error) {
    throw ioError(error, 'recording layers');
  }
}
