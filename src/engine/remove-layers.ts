import type { Digest } from '../formats/digest.ts';
import { buildkitLayers } from '../store/buildkit-layers.ts';
import { chainsOf, type LayerRecord } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';

/**
 * Removes layers from `top` downward until one is needed: by an image, a container, a build that runs, another layer, or
 * perhaps by BuildKit's cache. Returns their chain ids in that order. Call it under the store's lock, after the image itself
 * is gone: a kill in between leaves layers without an image, which harm nobody.
 */
export function removeLayers(store: Store, top: Digest | undefined): Digest[] {
  if (top === undefined) return [];
  const needed = neededLayers(store);
  const inBuildCache = buildkitLayers(store.paths);
  const removed: Digest[] = [];
  for (let chain: Digest | undefined = top; chain !== undefined; ) {
    if (needed(chain) || inBuildCache(chain)) break;
    const layer = readable(() => store.layers.get(chain as Digest));
    if (layer === undefined) break;
    store.layers.remove(chain, store.overlay.removeSnapshot);
    removed.push(chain);
    chain = layer.parent;
  }
  return removed;
}

/** Tells whether something but the layers that are removed already stands on a layer. */
function neededLayers(store: Store): (chain: Digest) => boolean {
  const users = new Set<string>([...store.mounts.usedLayers(), ...store.leases().held]);
  for (const id of store.images.list()) {
    const diffIds = readable(() => store.images.config(id)?.diffIds) ?? [];
    for (const chain of chainsOf(diffIds)) users.add(chain);
  }
  const children = new Map<Digest, LayerRecord[]>();
  for (const layer of store.layers.list()) {
    if (layer.parent !== undefined) children.set(layer.parent, [...(children.get(layer.parent) ?? []), layer]);
  }
  return (chain) => {
    if (users.has(chain)) return true;
    return (children.get(chain) ?? []).some((child) => store.layers.has(child.chainId));
  };
}

/** What is damaged stands on nothing that could be saved. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
