import type { LayerClues } from './layer-clues.ts';
import { readPending } from './pending.ts';
import { cacheIdOf, digestIn, initIdOf, mountIdOf } from './record.ts';
import type { Survey } from './survey.ts';

/** What a snapshot is for. */
export interface Use {
  readonly kind: 'layer' | 'mount' | 'pending' | 'lease' | 'buildkit';
  /** The layer's or the mount's name. */
  readonly name: string;
}

/** Who needs which snapshot. */
export interface Uses {
  of(cacheId: string): Use | undefined;
  /** Cache-ids below a snapshot, nearest first, as the records of layers have it; undefined where they do not say. */
  below(cacheId: string): readonly string[] | undefined;
}

/** `held` are ids that living leases name. */
export function collectUses(survey: Survey, clues: LayerClues, held: ReadonlySet<string>): Uses {
  const { layers, mounts, containers, buildkitKnows } = survey;
  const uses = new Map<string, Use>();
  const inits = new Map<string, string>();
  for (const layer of layers.values()) {
    const cacheId = cacheIdOf(layer);
    if (cacheId !== undefined && !uses.has(cacheId)) uses.set(cacheId, { kind: 'layer', name: layer.name });
  }
  for (const mount of mounts.values()) {
    const initId = initIdOf(mount);
    // One of the two gives the other.
    const mountId = mountIdOf(mount) ?? initId?.replace(/-init$/, '');
    for (const id of [mountId, initId, mountId === undefined ? undefined : `${mountId}-init`]) {
      if (id !== undefined && !uses.has(id)) uses.set(id, { kind: 'mount', name: mount.name });
    }
    if (mountId !== undefined && (initId !== undefined || containers.has(mount.name))) {
      inits.set(mountId, initId ?? `${mountId}-init`);
    }
  }
  for (const { name, cacheId } of readPending(survey)) {
    if (cacheId !== undefined && !uses.has(cacheId)) uses.set(cacheId, { kind: 'pending', name });
  }
  for (const id of held) if (!uses.has(id)) uses.set(id, { kind: 'lease', name: id });
  /** Cache-ids of a chain, top first; undefined where a record of it is lost. */
  const chain = (top: string | undefined): readonly string[] | undefined => {
    const ids: string[] = [];
    for (let next = top; next !== undefined; ) {
      const layer = layers.get(next);
      const cacheId = cacheIdOf(layer);
      if (
        layer === undefined ||
        cacheId === undefined ||
        layer.parent.state === 'unreadable' ||
        ids.includes(cacheId)
      ) {
        return undefined;
      }
      ids.push(cacheId);
      const parent = digestIn(layer.parent) ?? clues.parent(next);
      if (parent === undefined && layer.parent.state !== 'absent') return undefined;
      next = parent?.slice(7);
    }
    return ids;
  };
  return {
    of: (cacheId) => uses.get(cacheId) ?? (buildkitKnows(cacheId) ? { kind: 'buildkit', name: cacheId } : undefined),
    below: (cacheId) => {
      const use = uses.get(cacheId);
      if (use?.kind === 'layer') return chain(use.name)?.slice(1);
      if (use?.kind !== 'mount') return undefined;
      const mount = mounts.get(use.name);
      const parent = digestIn(mount?.parent);
      const stack = parent === undefined ? undefined : chain(parent.slice(7));
      const init = inits.get(cacheId);
      return stack === undefined || init === undefined ? stack : [init, ...stack];
    },
  };
}
