import { resolve } from 'node:path';
import { toByteString } from '../formats/bytestring.ts';
import type { Digest } from '../formats/digest.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { buildkitLayers } from '../store/buildkit-layers.ts';
import { chainsOf } from '../store/layerdb.ts';
import { dataRootPaths } from '../store/layout.ts';
import { openStore, type Store } from '../store/store.ts';
import { collectClues } from './check/layer-clues.ts';
import { whoIsAtWork } from './check/living-leases.ts';
import { openRootReader } from './check/root-reader.ts';
import { runSteps } from './check/steps.ts';
import { survey } from './check/survey.ts';
import { collectUses } from './check/uses.ts';
import { removeLayers } from './remove-layers.ts';
import type { Action } from './repair/action.ts';
import { applyAction } from './repair/apply-actions.ts';
import { planRepair } from './repair/plan-repair.ts';

export interface GcOptions {
  readonly dataRoot: string;
  /** Do it; without it only what would go is told. */
  readonly write?: boolean;
}

export interface GcResult {
  readonly written: boolean;
  /** Layers that no image, container, build or other layer stands on, top first. */
  readonly layers: readonly { readonly chainId: Digest; readonly size: number }[];
  /** Leftovers of killed processes, relative to the data-root. */
  readonly leftovers: readonly string[];
  /** Recorded bytes of the layers. */
  readonly reclaimed: number;
}

/**
 * Removes layers that nobody needs, and what killed processes left. What BuildKit may know, what a container stands on and
 * what a running process holds stays. Throws LL_DATA_ROOT_IN_USE.
 */
export function gc(options: GcOptions): GcResult {
  const write = options.write === true;
  const store = openStore(options.dataRoot, { mode: write ? 'write' : 'read' });
  try {
    const layers = unneeded(store);
    const root = toByteString(resolve(options.dataRoot));
    if (!write) {
      const leftovers = findLeftovers(root).map(({ where }) => where);
      return { written: false, layers, leftovers, reclaimed: total(layers) };
    }
    const sizes = new Map(layers.map(({ chainId, size }) => [chainId, size]));
    const gone: Digest[] = [];
    for (const { chainId } of layers) {
      // Looked at again under the lock: a build may stand on it by now.
      store.lock(() => {
        if (store.layers.has(chainId)) gone.push(...removeLayers(store, chainId));
      });
    }
    const leftovers = store.lock(() => {
      const found = findLeftovers(root);
      for (const action of found) applyAction(root, '', action);
      return found.map(({ where }) => where);
    });
    const removed = gone.map((chainId) => ({ chainId, size: sizes.get(chainId) ?? 0 }));
    return { written: true, layers: removed, leftovers, reclaimed: total(removed) };
  } finally {
    store.close();
  }
}

function total(layers: readonly { readonly size: number }[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}

/** Layers nothing needs, those above before those below, so that each can go when its turn comes. */
function unneeded(store: Store): { readonly chainId: Digest; readonly size: number }[] {
  const needed = new Set<string>(store.mounts.usedLayers());
  for (const id of store.images.list()) {
    try {
      for (const chain of chainsOf(store.images.config(id)?.diffIds ?? [])) needed.add(chain);
    } catch {
      // What is damaged stands on nothing that could be saved.
    }
  }
  const records = new Map(store.layers.list().map((layer) => [layer.chainId, layer]));
  const inBuildCache = buildkitLayers(store.paths);
  for (const layer of records.values()) {
    if (!needed.has(layer.chainId) && !inBuildCache(layer.chainId)) continue;
    for (let each = records.get(layer.chainId); each !== undefined; ) {
      needed.add(each.chainId);
      each = each.parent === undefined ? undefined : records.get(each.parent);
    }
  }
  const depth = (chain: Digest | undefined): number => {
    let count = 0;
    for (let next = chain; next !== undefined && count < 1024; count++) next = records.get(next)?.parent;
    return count;
  };
  return [...records.values()]
    .filter(({ chainId }) => !needed.has(chainId))
    .sort((a, b) => depth(b.chainId) - depth(a.chainId))
    .map(({ chainId, size }) => ({ chainId, size }));
}

/** Only what nobody misses: what a damaged record may have lost is left to `repair`. */
function findLeftovers(root: string): Action[] {
  const paths = dataRootPaths(root);
  const reader = openRootReader(diskRootFiles, root);
  const atWork = whoIsAtWork(reader, paths.leases);
  const seen = survey(reader, paths);
  const clues = collectClues(seen);
  const findings = runSteps(seen, clues, atWork);
  const uses = collectUses(seen, clues, atWork.held);
  if (reader.unreadable.length > 0) return [];
  return planRepair(seen, uses, findings, diskRootFiles).filter(({ kind }) => kind === 'remove');
}
