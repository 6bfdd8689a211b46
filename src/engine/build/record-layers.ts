import type { BuildEnv, LayerStack } from '../../executor/build-env.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { syncFileSystemAside } from '../../host/syscalls.ts';
import { MAX_LAYER_DEPTH, tooDeep } from '../../store/layerdb.ts';
import { placeLayers, type StagedLayer, stageLayers } from '../../store/stage-layers.ts';

/** What has to be done about the layers of an image before the lock is taken, and what under it. */
export interface LayerRecording {
  /**
   * Records the layers, base first, and returns the folders that have to be synced before anything names them. To be called under the
   * store's lock.
   */
  place(): readonly ByteString[];
  /** Says in the build cache which layers were flushed. Nobody waits for that: it may be said when the image is recorded. */
  settle(): void;
}

/**
 * Gets the layers of an image ready to be recorded in layerdb. Where commands filled some of them in this build, their files
 * and all new records go to the disk in one flush of the file system: it stands for the one that the kernel would have
 * done at the end of each command, and for one of every record. Where none did, nothing large is flushed: as with dockerd,
 * copied files are left to the kernel.
 *
 * Throws LL_MAX_DEPTH, LL_IO and its like.
 */
export async function prepareRecording(env: BuildEnv, stack: LayerStack): Promise<LayerRecording> {
  const { store, pending, unflushed } = env;
  if (stack.length > MAX_LAYER_DEPTH && stack.some(({ chainId }) => !store.layers.has(chainId))) throw tooDeep();
  let staged: readonly StagedLayer[] = [];
  // Another build may have made them, and not have come to its end yet.
  const flushed = unflushed.size > 0 || pending.among(stack).some(({ chainId }) => !pending.isFlushed(chainId));
  if (flushed) {
    // Whoever records a layer takes its pending one away.
    staged = store.lock(() => {
      const fresh = stack.filter(({ chainId }) => !store.layers.has(chainId));
      const records = fresh.map((layer) => ({ ...layer, tarSplit: pending.tarSplit(layer.chainId) }));
      return stageLayers(records, `${env.scratch}/records`);
    });
    // Not under the lock: others may have much to be written.
    await syncFileSystemAside(store.paths.root);
  }
  return {
    place: () => {
      if (staged.length > 0) placeLayers(store.paths, staged, (chain) => store.layers.has(chain));
      recordOneByOne(env, stack);
      return staged.length > 0 ? [store.paths.layers] : [];
    },
    settle: () => {
      if (!flushed) return;
      const cacheIds = new Set([...unflushed, ...stack.map(({ cacheId }) => cacheId)]);
      pending.settle(
        cacheIds,
        stack.map(({ chainId }) => chainId),
      );
    },
  };
}

/** What layerdb has of a chain already is another build's, made of the same pending layer, or of the same bytes elsewhere. */
function recordOneByOne({ store, pending }: BuildEnv, stack: LayerStack): void {
  const mayBePending = new Set(pending.among(stack));
  for (const layer of stack) {
    if (!store.layers.has(layer.chainId)) {
      const tarSplit = pending.tarSplit(layer.chainId);
      store.layers.register({ ...layer, tarSplit }, store.overlay.records(layer.cacheId));
    }
    const kept = mayBePending.has(layer) ? pending.get(layer.chainId) : undefined;
    // A snapshot that layerdb does not name is kept by its pending record: layers above may stand on it.
    if (kept !== undefined && kept.cacheId === store.layers.require(layer.chainId).cacheId) {
      pending.drop(layer.chainId);
    }
  }
}
