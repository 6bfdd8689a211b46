import type { Digest } from '../formats/digest.ts';
import { nanosOf } from '../formats/go-time.ts';
import { openStore, type Store } from '../store/store.ts';
import { createdTime, imageNames, imagesWithChildren } from './image-facts.ts';
import { matchesLabels, parseImageFilters } from './image-filters.ts';
import { type RemoveRecord, removeOne } from './remove.ts';
import { findConflict } from './remove-conflict.ts';
import { isCanonicalName } from './resolve-image.ts';

export interface PruneOptions {
  readonly dataRoot: string;
  /** All images that no container uses, not only those without a name. */
  readonly all?: boolean;
  /** `until=` and `label=`, `label!=`. */
  readonly filters?: readonly string[];
  /** Do it; without it only the images that would go are told. */
  readonly write?: boolean;
}

export interface PruneResult {
  readonly written: boolean;
  /** Ids of the images that go, newest last. */
  readonly images: readonly Digest[];
  readonly records: readonly RemoveRecord[];
  /** Bytes of the layers that went, as docker counts them: each layer's recorded size. 0 in a dry run. */
  readonly reclaimed: number;
}

/**
 * Removes images that nobody needs, by the rules of `docker image prune` (moby daemon/images/image_prune.go): those without a
 * name, or with `all` those that no container uses. What a container, a running build or another image needs stays. Each image
 * goes by itself under the store's lock, so that two processes at once do no harm. Throws LL_USAGE for a filter,
 * LL_DATA_ROOT_IN_USE.
 */
export function prune(options: PruneOptions): PruneResult {
  const { write = false, all = false } = options;
  const store = openStore(options.dataRoot, { mode: write ? 'write' : 'read' });
  try {
    const images = candidates(store, all, options.filters ?? []);
    if (!write) return { written: false, images, records: [], reclaimed: 0 };
    const sizes = new Map(store.layers.list().map((layer) => [layer.chainId, layer.size]));
    const records: RemoveRecord[] = [];
    for (const id of images) {
      store.lock(() => {
        // Another process may have named it, used it or removed it meanwhile.
        if (!store.images.has(id) || !isFree(store, id, all)) return;
        const { tags, digests } = imageNames(store, id);
        for (const text of tags.length + digests.length > 0 ? [...tags, ...digests] : [id]) {
          if (text === id || store.references.byImage(id).some(({ reference }) => reference === text)) {
            removeOne(store, text, { dataRoot: options.dataRoot, images: [text] }, records);
          }
        }
      });
    }
    const reclaimed = records.reduce((sum, row) => sum + ('deleted' in row ? (sizes.get(row.deleted) ?? 0) : 0), 0);
    return { written: true, images, records, reclaimed };
  } finally {
    store.close();
  }
}

function candidates(store: Store, all: boolean, given: readonly string[]): Digest[] {
  const unwanted = given.flatMap((filter) => /^label!=(.*)$/s.exec(filter)?.[1] ?? []);
  const filters = parseImageFilters(
    store,
    given.filter((filter) => !filter.startsWith('label!=')),
  );
  const parents = imagesWithChildren(store);
  const found: { readonly id: Digest; readonly created: bigint }[] = [];
  for (const id of store.images.list()) {
    const config = readable(() => store.images.config(id));
    const created = createdTime(config?.created);
    const { tags, digests } = imageNames(store, id);
    if (tags.length + digests.length === 0 && parents.has(id)) continue;
    if (!all && tags.length > 0) continue;
    if (filters.before !== undefined && (created === undefined || nanosOf(created) > nanosOf(filters.before))) continue;
    const labels = config?.config?.labels ?? null;
    if (!matchesLabels(filters.labels, labels)) continue;
    if (unwanted.some((label) => matchesLabels([label], labels))) continue;
    if (isFree(store, id, all)) found.push({ id, created: created === undefined ? 0n : nanosOf(created) });
  }
  return found.sort((a, b) => (a.created < b.created ? -1 : 1)).map(({ id }) => id);
}

/** No container and no build uses it, and in the mild form it has no tag. */
function isFree(store: Store, id: Digest, all: boolean): boolean {
  const names = store.references.byImage(id).map(({ reference }) => reference);
  if (!all && names.some((name) => !isCanonicalName(name))) return false;
  if (store.mode === 'read') return store.mounts.containers().every((container) => container.image !== id);
  const kinds = { dependentChild: true, running: true, activeReference: false, stopped: true };
  return findConflict(store, id, kinds) === undefined;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
