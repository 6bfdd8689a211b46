import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Digest } from '../formats/digest.ts';
import { formatGoTime, timeFromNanos } from '../formats/go-time.ts';
import { chainOf } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';
import { createdTime, imageNames } from './image-facts.ts';
import { openForReading } from './open-for-reading.ts';
import { noSuchImage, resolveImage } from './resolve-image.ts';

export interface HistoryOptions {
  readonly dataRoot: string;
  readonly image: string;
}

/** One row of `docker history`. */
export interface HistoryEntry {
  /** `sha256:<hex>`, or `<missing>` where no image of this state is recorded. */
  readonly id: string;
  /** Seconds since 1970; undefined where the row does not say. */
  readonly created: number | undefined;
  /** RFC 3339; empty where the row does not say. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** Names of the image of this row. */
  readonly tags: readonly string[];
  /** Bytes of the row's layer. */
  readonly size: number;
  readonly comment: string;
}

/**
 * How an image came to be, newest row first (moby daemon/images/image_history.go). Throws LL_NOT_FOUND; LL_CORRUPT where
 * the history has more layers than the image.
 */
export function history(options: HistoryOptions): HistoryEntry[] {
  const store = openForReading(options.dataRoot);
  const id = resolveImage(store, options.image);
  const image = store.images.config(id);
  if (image === undefined) throw noSuchImage(options.image);
  const top = chainOf(image.diffIds);
  const layers = top === undefined ? [] : store.layers.chain(top);
  let used = 0;
  const rows = image.history.map((row): HistoryEntry => {
    const layer = row.emptyLayer === true ? undefined : layers[used++];
    if (row.emptyLayer !== true && layer === undefined) {
      throw new LayerlabError('LL_CORRUPT', 'too many non-empty layers in History section');
    }
    const created = createdTime(row.created);
    return {
      id: '<missing>',
      created: created?.seconds,
      createdAt: formatGoTime(created ?? EPOCH),
      createdBy: row.createdBy ?? '',
      tags: [],
      size: layer?.size ?? 0,
      comment: row.comment ?? '',
    };
  });
  return withIds(store, id, rows.reverse());
}

/** What docker says of a row without a time. */
const EPOCH = timeFromNanos(0n);

/** The newest row is the image's own; those below belong to its parents as far as they are recorded. */
function withIds(store: Store, id: Digest, rows: readonly HistoryEntry[]): HistoryEntry[] {
  let next: Digest | undefined = id;
  return rows.map((row) => {
    if (next === undefined) return row;
    const current: Digest = next;
    const parent = store.images.parent(current);
    next = parent !== undefined && store.images.has(parent) ? parent : undefined;
    return { ...row, id: current, tags: imageNames(store, current).tags };
  });
}
