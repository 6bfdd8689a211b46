import { mkdirSync } from 'node:fs';
import type { LayerResult } from '../committer/layer-result.ts';
import { fsPath } from '../formats/bytestring.ts';
import { chainId } from '../formats/digest.ts';
import { formatGoTime, inLocalZone, nowNanos, timeFromNanos } from '../formats/go-time.ts';
import { newIdentityId, newStringId } from '../formats/ids.ts';
import type { BuiltLayer } from '../store/built-layer.ts';
import type { Snapshot } from '../store/overlay2.ts';
import type { BuildEnv, LayerStack } from './build-env.ts';

/** Now, or the time that the build was told to use. */
export function buildTime(env: BuildEnv): bigint {
  return env.timestamp ?? nowNanos();
}

/** A time as the builder writes it into a config: BuildKit in the host's zone unless it was told the time, classic in UTC. */
export function shownTime(env: BuildEnv, time: bigint): string {
  const utc = timeFromNanos(time);
  return formatGoTime(env.builder === 'buildkit' && env.timestamp === undefined ? inLocalZone(utc) : utc);
}

/**
 * Makes a snapshot on top of a stack, has it filled, and keeps what came of it as a layer: BuildKit's until an image needs
 * it, classic's in layerdb at once. The snapshot goes away if filling fails, if it stays empty and `dropEmpty` is set, or
 * if the very layer is there already.
 *
 * @returns undefined where nothing was changed and `dropEmpty` is set
 */
export async function commitLayer(
  env: BuildEnv,
  stack: LayerStack,
  dropEmpty: boolean,
  fill: (snapshot: Snapshot) => LayerResult | Promise<LayerResult>,
): Promise<BuiltLayer | undefined> {
  const { store, pending } = env;
  const parent = stack[stack.length - 1];
  const cacheId = env.builder === 'buildkit' ? newIdentityId() : newStringId();
  const snapshot = store.overlay.createSnapshot({ cacheId, parentCacheId: parent?.cacheId });
  try {
    const result = await fill(snapshot);
    if (result.empty && dropEmpty) {
      store.overlay.removeSnapshot(cacheId);
      return undefined;
    }
    const chain = chainId(parent?.chainId, result.diffId);
    store.lease().hold([chain]);
    const known = findLayer(env, chain);
    const created = shownTime(env, buildTime(env));
    if (known !== undefined) {
      store.overlay.removeSnapshot(cacheId);
      return { ...known, created };
    }
    const layer: BuiltLayer = {
      chainId: chain,
      diffId: result.diffId,
      parent: parent?.chainId,
      cacheId,
      size: env.builder === 'buildkit' ? result.contentSize : result.diskSize,
      created,
    };
    if (env.builder === 'buildkit') {
      if (parent !== undefined && !store.projected) markWorkUsed(snapshot);
      pending.put(layer, result.tarSplit);
      return layer;
    }
    const { record, existed } = store.layers.register({ ...layer, tarSplit: result.tarSplit });
    if (existed) store.overlay.removeSnapshot(cacheId);
    return { ...layer, cacheId: record.cacheId, size: record.size };
  } catch (error) {
    store.overlay.removeSnapshot(cacheId);
    throw error;
  }
}

/** A layer by its chain id, wherever it is kept; undefined where it, or its snapshot, is gone. */
export function findLayer(env: BuildEnv, chain: BuiltLayer['chainId']): BuiltLayer | undefined {
  const record = env.store.layers.get(chain);
  const layer: BuiltLayer | undefined =
    record === undefined
      ? env.pending.get(chain)
      : {
          chainId: record.chainId,
          diffId: record.diffId,
          parent: record.parent,
          cacheId: record.cacheId,
          size: record.size,
          created: '',
        };
  return layer !== undefined && env.store.overlay.has(layer.cacheId) ? layer : undefined;
}

/** The newest layer that a key of the build cache leads to, held from now on; undefined where there is none. */
export function cachedLayer(env: BuildEnv, key: string): BuiltLayer | undefined {
  if (env.noCache) return undefined;
  for (const { layer } of env.cache.find(key)) {
    const found = findLayer(env, layer.chainId);
    if (found === undefined) continue;
    env.store.lease().hold([layer.chainId]);
    return { ...found, created: layer.created };
  }
  return undefined;
}

/** The kernel leaves this folder in the `work` of every overlay that was ever mounted for writing. */
function markWorkUsed(snapshot: Snapshot): void {
  try {
    mkdirSync(fsPath(`${snapshot.work}/work`), { mode: 0 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
