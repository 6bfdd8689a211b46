import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Digest } from '../../formats/digest.ts';
import type { HistoryRow, ImageConfig } from '../../formats/image-config.ts';
import { tarSplitText } from '../../store/layer-tar.ts';
import { chainOf } from '../../store/layerdb.ts';
import type { Store } from '../../store/store.ts';
import { type LayerEntry, layerEntries } from './layer-entries.ts';

/** A layer of an image with the history row that made it. */
export interface ImageLayer {
  /** 0 is the lowest. */
  readonly index: number;
  readonly chainId: Digest;
  readonly diffId: Digest;
  /** Bytes of this layer alone, as docker counts them. */
  readonly size: number;
  /** Position of its row in the history; undefined where the history says less than there are layers. */
  readonly row: number | undefined;
  /** The files of the layer, read at each call. */
  entries(): Iterable<LayerEntry>;
}

/** The layers of an image, lowest first. Throws LL_CORRUPT where one is missing. */
export function imageLayers(store: Store, image: ImageConfig): readonly ImageLayer[] {
  const top = chainOf(image.diffIds);
  const records = top === undefined ? [] : store.layers.chain(top);
  const rows = layerRows(image.history);
  if (rows.length > records.length) {
    throw new LayerlabError('LL_CORRUPT', 'too many non-empty layers in History section');
  }
  // A history that misses rows misses the oldest: what was built here wrote one for each layer.
  const missing = records.length - rows.length;
  return records.map(({ chainId, diffId, size }, index) => ({
    index,
    chainId,
    diffId,
    size,
    row: rows[index - missing],
    entries: () => layerEntries(tarSplitText(store, chainId)),
  }));
}

function layerRows(history: readonly HistoryRow[]): readonly number[] {
  return history.flatMap((row, at) => (row.emptyLayer === true ? [] : [at]));
}
