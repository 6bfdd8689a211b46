import { LayerlabError } from '../errors/layerlab-error.ts';
import { loadCrc64 } from '../formats/crc64.ts';
import type { Digest } from '../formats/digest.ts';
import { assembleTar, decompressTarSplit, parseTarSplit, type TarSplitEntry } from '../formats/tar-split-reader.ts';
import { diffFileReader } from './open-in-diff.ts';
import { readSmallFile } from './read-small-file.ts';
import type { Store } from './store.ts';

/** Bytes of a compressed tar-split: far beyond what any image has. */
const TAR_SPLIT_LIMIT = 1 << 30;

/** The lines of a layer's `tar-split.json.gz`, read anew at each iteration. Throws LL_CORRUPT where it is missing or damaged. */
export function tarSplitOf(store: Store, chain: Digest): Iterable<TarSplitEntry> {
  return parseTarSplit(tarSplitText(store, chain));
}

/** The lines themselves. Throws as `tarSplitOf`. */
export function tarSplitText(store: Store, chain: Digest): Buffer {
  return decompressTarSplit(readTarSplit(store, chain));
}

/** Bytes of a layer's uncompressed tar. Throws LL_CORRUPT. */
export function layerTarSize(store: Store, chain: Digest): number {
  let size = 0;
  for (const entry of tarSplitOf(store, chain)) size += entry.kind === 'segment' ? entry.bytes.length : entry.size;
  return size;
}

/**
 * A layer's uncompressed tar, byte for byte as it was committed, from its tar-split and its files (moby layer/filestore.go,
 * vbatts/tar-split tar/asm). A chunk is valid until the next is asked for. Throws LL_CORRUPT where a file is not what it was.
 */
export async function layerTar(store: Store, chain: Digest): Promise<Iterable<Buffer>> {
  const { cacheId } = store.layers.require(chain);
  const crc = (await loadCrc64())();
  return assembleTar(tarSplitOf(store, chain), diffFileReader(store.overlay.diffPath(cacheId), store.files), crc);
}

function readTarSplit(store: Store, chain: Digest): Buffer {
  const bytes = readSmallFile(store.layers.tarSplitPath(chain), TAR_SPLIT_LIMIT, store.files);
  if (bytes === undefined) throw new LayerlabError('LL_CORRUPT', `layer ${chain} has no tar-split.json.gz`);
  return bytes;
}
