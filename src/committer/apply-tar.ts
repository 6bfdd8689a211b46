import { LayerlabError } from '../errors/layerlab-error.ts';
import { loadCrc64 } from '../formats/crc64.ts';
import { chainId, type Digest } from '../formats/digest.ts';
import { newStringId } from '../formats/ids.ts';
import type { LayerRecord } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';
import { LayerSink } from './apply-tar/layer-sink.ts';

export interface ApplyTarOptions {
  /** Opened for writing. */
  readonly store: Store;
  /** Chain id of the layer below; undefined for a base layer. */
  readonly parent?: Digest | undefined;
  /** The uncompressed tar, in pieces of any size; about 1 MiB is good. A piece may be overwritten once the next is asked for. */
  readonly chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** About how many bytes the tar has, where that is known. */
  readonly expectedSize?: number;
  /** What the tar has to hash to. Where such a layer is there already, the tar is not read at all. */
  readonly expectedDiffId?: Digest | undefined;
  /** Folder of `overlay2/` to make; a random one of 64 hexadecimal digits unless told. */
  readonly cacheId?: string;
  /** `descriptor.json` of a pulled blob. */
  readonly descriptor?: string;
  /** Says how to word a wrong digest. */
  readonly wrongDigest?: (found: Digest) => LayerlabError;
  /** Called with the bytes of the tar taken so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Makes a layer from its tar in one pass: the files go into a new snapshot, the bytes through sha256, CRC-64 and tar-split
 * (moby layer/layer_store.go registerWithDescriptor, overlay2.ApplyDiff). Memory is flat whatever the size of the files.
 *
 * The store's lease holds the layer until `store.close()`. Throws LL_TAR, LL_BREAKOUT, LL_LIMIT for what the tar is, LL_DIGEST
 * for a wrong digest, LL_MAX_DEPTH, LL_NO_SPACE, LL_IO; nothing is left behind then.
 */
export async function applyTar(options: ApplyTarOptions): Promise<LayerRecord> {
  const { store, parent, expectedDiffId, cacheId = newStringId() } = options;
  const parentRecord = parent === undefined ? undefined : store.layers.require(parent);
  const existing = expectedDiffId === undefined ? undefined : claimLayer(store, chainId(parent, expectedDiffId));
  if (existing !== undefined) return existing;
  const crc = (await loadCrc64())();
  const snapshot = store.overlay.createSnapshot({ cacheId, parentCacheId: parentRecord?.cacheId });
  const sink = new LayerSink(snapshot.diff, crc, store.projected, options.expectedSize);
  let kept = false;
  try {
    await feed(sink, options);
    const { diffId, tarSplit, size } = sink.finish();
    if (expectedDiffId !== undefined && diffId !== expectedDiffId) {
      throw options.wrongDigest?.(diffId) ?? wrongDigest(expectedDiffId, diffId);
    }
    const { descriptor } = options;
    const { record, existed } = store.lock(() => {
      store.lease().hold([chainId(parent, diffId)]);
      return store.layers.register({
        diffId,
        parent,
        cacheId,
        size,
        tarSplit,
        ...(descriptor === undefined ? {} : { descriptor }),
      });
    });
    kept = !existed;
    return record;
  } finally {
    sink.abort();
    if (!kept) store.overlay.removeSnapshot(cacheId);
  }
}

/** The layer, where it is there: from now on nobody removes it until the store is closed. */
export function claimLayer(store: Store, chain: Digest): LayerRecord | undefined {
  return store.lock(() => {
    const record = store.layers.get(chain);
    if (record !== undefined) store.lease().hold([chain]);
    return record;
  });
}

async function feed(sink: LayerSink, { chunks, onProgress }: ApplyTarOptions): Promise<void> {
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    sink.push(chunk);
    bytes += chunk.length;
    onProgress?.(bytes);
  };
  if (Symbol.iterator in chunks) for (const chunk of chunks) take(chunk);
  else for await (const chunk of chunks) take(chunk);
}

function wrongDigest(expected: Digest, found: Digest): LayerlabError {
  return new LayerlabError('LL_DIGEST', `a layer has the digest ${found}, not ${expected}`);
}
