import { mkdirSync } from 'node:fs';
import type { LayerResult } from '../committer/layer-result.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { fsPath } from '../formats/bytestring.ts';
import { chainId } from '../formats/digest.ts';
import { formatGoTime, inLocalZone, nowNanos, timeFromNanos } from '../formats/go-time.ts';
import { newIdentityId, newStringId } from '../formats/ids.ts';
import { isQuicklyFolder } from '../host/quick-calls.ts';
import { syncFileSystemOf } from '../host/syscalls.ts';
import { syncFolder } from '../store/atomic-file.ts';
import type { BuiltLayer } from '../store/built-layer.ts';
import { MAX_LAYER_DEPTH, type NewLayer, tooDeep } from '../store/layerdb.ts';
import type { Snapshot } from '../store/overlay2.ts';
import { removeTree } from '../store/remove-tree.ts';
import { placeLayers, type StagedLayer, stageLayers } from '../store/stage-layers.ts';
import type { Store } from '../store/store.ts';
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
 * @param begun a snapshot on this stack that is being filled already; undefined: a new one
 * @returns undefined where nothing was changed and `dropEmpty` is set
 */
export async function commitLayer(
  env: BuildEnv,
  stack: LayerStack,
  dropEmpty: boolean,
  fill: (snapshot: Snapshot) => LayerResult | Promise<LayerResult>,
  begun?: Snapshot,
): Promise<BuiltLayer | undefined> {
  const { store, pending } = env;
  const parent = stack[stack.length - 1];
  const snapshot = begun ?? makeSnapshot(env, parent?.cacheId);
  const { cacheId } = snapshot;
  // A command may have been begun on it already.
  const discard = env.ahead?.runs.discard ?? store.overlay.removeSnapshot;
  try {
    const result = await fill(snapshot);
    if (result.empty && dropEmpty) {
      store.overlay.removeSnapshot(cacheId);
      return undefined;
    }
    const chain = chainId(parent?.chainId, result.diffId);
    const created = shownTime(env, buildTime(env));
    const layer: BuiltLayer = {
      chainId: chain,
      diffId: result.diffId,
      parent: parent?.chainId,
      cacheId,
      size: env.builder === 'buildkit' ? result.contentSize : result.diskSize,
      created,
    };
    // What a command of the classic builder wrote goes to the disk together with the record of its layer.
    const flushed =
      env.builder === 'classic' && env.unflushed.delete(cacheId) && !store.layers.has(chain)
        ? stageFlushed(env, stack, { ...layer, tarSplit: result.tarSplit })
        : undefined;
    // One snapshot a chain: of several builds that make the same layer at once, all go on with that of the first.
    const kept = store.lock(() => {
      store.lease().hold([chain]);
      // The classic builder's images stand on recorded layers only: a failed build of BuildKit may have left this one pending.
      const known = env.builder === 'buildkit' || store.layers.has(chain) ? findLayer(env, chain) : undefined;
      if (known !== undefined) return known;
      if (env.builder === 'buildkit') pending.put(layer, result.tarSplit, !env.unflushed.has(cacheId));
      else if (flushed !== undefined) {
        placeLayers(store.paths, flushed, store.layers.has);
        syncFolder(store.paths.layers);
      } else store.layers.register({ ...layer, tarSplit: result.tarSplit });
      return layer;
    });
    if (flushed !== undefined) removeTree(`${env.scratch}/records`);
    if (kept !== layer) {
      if (env.help === undefined) discard(cacheId);
      else store.overlay.removeSnapshot(cacheId, env.help.writers()?.remove);
    } else if (env.builder === 'buildkit' && parent !== undefined && !store.projected) markWorkUsed(snapshot);
    return { ...kept, created };
  } catch (error) {
    discard(cacheId);
    throw error;
  }
}

/**
 * A new snapshot on top of another, of the kind that this builder makes.
 *
 * @param flushLater whether somebody flushes the whole file system before a layer is recorded: what BuildKit makes is flushed
 *   when an image comes to stand on it
 */
export function makeSnapshot(
  { builder, store }: BuildEnv,
  parentCacheId: string | undefined,
  flushLater = builder === 'buildkit',
): Snapshot {
  const cacheId = builder === 'buildkit' ? newIdentityId() : newStringId();
  return store.overlay.createSnapshot({ cacheId, parentCacheId, flushLater });
}

/** The record of a layer on this stack, on the disk with the layer's files, to be put into its place. */
function stageFlushed({ store, scratch }: BuildEnv, stack: LayerStack, layer: NewLayer): readonly StagedLayer[] {
  if (stack.length >= MAX_LAYER_DEPTH) throw tooDeep();
  const staged = stageLayers([layer], `${scratch}/records`);
  syncFileSystemOf(store.paths.root);
  return staged;
}

/** A layer by its chain id, wherever it is kept; undefined where it, its snapshot, or one below that is gone. */
export function findLayer(env: BuildEnv, chain: BuiltLayer['chainId']): BuiltLayer | undefined {
  const { store } = env;
  const record = store.layers.get(chain);
  if (record !== undefined) return store.overlay.has(record.cacheId) ? { ...record, created: '' } : undefined;
  const layer = env.pending.get(chain);
  return layer !== undefined && standsWhole(store, layer.cacheId) ? layer : undefined;
}

/** Images that a pending layer stands on may have been removed under it. */
function standsWhole(store: Store, cacheId: string): boolean {
  try {
    return store.overlay.has(cacheId) && store.overlay.parentCacheIds(cacheId).every((id) => store.overlay.has(id));
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_CORRUPT') return false;
    throw error;
  }
}

/** As `findLayer`, and nobody removes it from now on: what is found and held in one go cannot go in between. */
export function holdLayer(env: BuildEnv, chain: BuiltLayer['chainId']): BuiltLayer | undefined {
  return env.store.lock(() => held(env, chain, findLayer(env, chain)));
}

/** As `holdLayer`, for a layer that was known before. Where its record still has that snapshot, the rest of it is not read once more. */
export function holdKnownLayer(env: BuildEnv, known: BuiltLayer): BuiltLayer | undefined {
  const { store } = env;
  const { chainId, cacheId } = known;
  return store.lock(() => {
    const isKept = store.layers.cacheId(chainId) === cacheId && store.overlay.has(cacheId);
    return held(env, chainId, isKept ? known : findLayer(env, chainId));
  });
}

function held({ store }: BuildEnv, chain: BuiltLayer['chainId'], layer: BuiltLayer | undefined) {
  if (layer !== undefined) store.lease().hold([chain]);
  return layer;
}

/** The newest layer that a key of the build cache leads to, held from now on; undefined where there is none. */
export function cachedLayer(env: BuildEnv, key: string): BuiltLayer | undefined {
  if (env.noCache) return undefined;
  for (const layer of env.cache.layers(key)) {
    const found = holdKnownLayer(env, layer);
    if (found !== undefined) return { ...found, created: layer.created };
  }
  return undefined;
}

/** The kernel leaves this folder in the `work` of every overlay that was ever mounted for writing. */
function markWorkUsed(snapshot: Snapshot): void {
  if (isQuicklyFolder(`${snapshot.work}/work`)) return;
  try {
    mkdirSync(fsPath(`${snapshot.work}/work`), { mode: 0 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
