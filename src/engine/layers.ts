import type { Digest } from '../formats/digest.ts';
import { tarSplitNames } from '../formats/tar-split-names.ts';
import { tarSplitText } from '../store/layer-tar.ts';
import { chainsOf, type LayerRecord } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';
import { countChanges } from './look/count-changes.ts';
import { findImageSubject } from './look/find-subject.ts';
import { layerSteps, plainInstruction } from './look/layer-steps.ts';
import { openForReading } from './open-for-reading.ts';
import { isCanonicalName } from './resolve-image.ts';

export interface LayersOptions {
  readonly dataRoot: string;
  readonly image: string;
}

/** One layer of an image. */
export interface LayerSummary {
  /** From 0 for the base. */
  readonly index: number;
  /** As in the Dockerfile, as far as the history tells. */
  readonly instruction: string;
  /** As the history has it. */
  readonly createdBy: string;
  /** RFC 3339; empty where the history does not say. */
  readonly created: string;
  readonly diffId: Digest;
  readonly chainId: Digest;
  readonly cacheId: string;
  /** Bytes, as layerdb records them. */
  readonly size: number;
  /** Files, links and devices, without folders, that were not there before. */
  readonly added: number;
  /** Those that were there and have been replaced. */
  readonly changed: number;
  /** Those that are gone. */
  readonly deleted: number;
  /** Names of other images with the same layer at the same place; ids of those without a name. */
  readonly sharedWith: readonly string[];
}

/** The layers of an image, base first: what made them, what they change, who shares them. Throws LL_NOT_FOUND, LL_CORRUPT. */
export function layers(options: LayersOptions): LayerSummary[] {
  const store = openForReading(options.dataRoot);
  const { id, config } = findImageSubject(store, options.image);
  const records = chainsOf(config.diffIds).map((chain) => store.layers.require(chain));
  const steps = layerSteps(config);
  const counts = countChanges(records.map((record) => tarSplitNames(tarSplitText(store, record.chainId))));
  const shared = sharers(store, id, records);
  return records.map((record, index): LayerSummary => {
    const step = steps[index] ?? { createdBy: '', created: '', comment: '' };
    const { chainId, diffId, cacheId, size } = record;
    return {
      ...{ index, diffId, chainId, cacheId, size, createdBy: step.createdBy, created: step.created },
      ...(counts[index] ?? { added: 0, changed: 0, deleted: 0 }),
      instruction: plainInstruction(step),
      sharedWith: shared.get(chainId) ?? [],
    };
  });
}

/** Chain ids of this image, with the other images that have them. What cannot be read shares nothing that one could rely on. */
function sharers(store: Store, own: Digest, records: readonly LayerRecord[]): ReadonlyMap<Digest, readonly string[]> {
  const found = new Map<Digest, string[]>(records.map(({ chainId }) => [chainId, []]));
  const named = new Map<Digest, string[]>();
  for (const { id, reference } of store.references.list()) {
    if (!isCanonicalName(reference)) named.set(id, [...(named.get(id) ?? []), reference]);
  }
  // Those with a name come first.
  const ids = store.images.list().sort();
  for (const id of [...ids.filter((id) => named.has(id)), ...ids.filter((id) => !named.has(id))]) {
    if (id === own) continue;
    const diffIds = tryDiffIds(store, id);
    // A chain_id is a hash of all diff_ids up to it: the same ones from the base on are the same layers.
    for (const [index, { chainId, diffId }] of records.entries()) {
      if (diffIds[index] !== diffId) break;
      found.get(chainId)?.push(...(named.get(id) ?? [id]));
    }
  }
  return found;
}

function tryDiffIds(store: Store, id: Digest): readonly Digest[] {
  try {
    return store.images.config(id)?.diffIds ?? [];
  } catch {
    return [];
  }
}
