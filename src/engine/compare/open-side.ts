import type { Digest } from '../../formats/digest.ts';
import type { HistoryRow, ImageConfig } from '../../formats/image-config.ts';
import type { Store } from '../../store/store.ts';
import type { BuilderName } from '../build-options.ts';
import type { CompareRow, CompareSide, CompareSubject } from '../compare-result.ts';
import { imageNames } from '../image-facts.ts';
import { findBase } from '../image-files/find-base.ts';
import { type ImageLayer, imageLayers } from '../image-files/image-layers.ts';
import { comparableText } from '../image-files/lines-of-rows.ts';
import { plainInstruction } from '../look/layer-steps.ts';
import { plannedRows } from '../plan/planned-rows.ts';
import { findImage, noSuchImage, resolveImage } from '../resolve-image.ts';
import { configValues, imageValues } from './config-values.ts';

/** One side of a comparison, with what is looked at but not shown. */
export interface OpenSide {
  readonly side: CompareSide;
  /** By which the rows are set side by side: one text a row. */
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  /** Undefined for a Dockerfile. */
  readonly layers: readonly ImageLayer[] | undefined;
  /** The layer of each row, where it is known. */
  readonly layerOf: ReadonlyMap<CompareRow, ImageLayer>;
}

interface KnownRows {
  readonly rows: readonly CompareRow[];
  readonly keys: readonly string[];
  readonly layerOf: ReadonlyMap<CompareRow, ImageLayer>;
}

/** Opens one side. Throws LL_NOT_FOUND, LL_CORRUPT, and for a Dockerfile what `plan` throws. */
export function openSide(store: Store, subject: CompareSubject, { ignoreTimes, builder }: OpenOptions): OpenSide {
  return subject.kind === 'image' ? openImage(store, subject, ignoreTimes) : openDockerfile(store, subject, builder);
}

export interface OpenOptions {
  readonly ignoreTimes: boolean;
  /** For a Dockerfile that names none. */
  readonly builder: BuilderName;
}

function openImage(
  store: Store,
  { image: name, shownAs }: Extract<CompareSubject, { kind: 'image' }>,
  ignoreTimes: boolean,
): OpenSide {
  const id = resolveImage(store, name);
  const image = store.images.config(id);
  if (image === undefined) throw noSuchImage(name);
  const layers = imageLayers(store, image);
  const base = findBase(store, image, undefined);
  const known = imageRows(image, layers, base?.rows ?? 0);
  return {
    side: {
      kind: 'image',
      name: shownAs ?? imageNames(store, id).tags[0] ?? id,
      imageId: id,
      base: base?.name,
      rows: known.rows,
      layers: layers.length,
      configSteps: known.rows.filter(({ layer, base: below }) => !layer && !below).length,
      size: layers.reduce((sum, { size }) => sum + size, 0),
    },
    keys: known.keys,
    values: imageValues(image, ignoreTimes),
    layers,
    layerOf: known.layerOf,
  };
}

function imageRows(image: ImageConfig, layers: readonly ImageLayer[], baseRows: number): KnownRows {
  const ofRow = new Map(layers.map((layer) => [layer.row, layer]));
  const layerOf = new Map<CompareRow, ImageLayer>();
  const rows = image.history.map((row, at) => {
    const layer = ofRow.get(at);
    const one = rowOf(row, at < baseRows, layer);
    if (layer !== undefined) layerOf.set(one, layer);
    return one;
  });
  return { rows, layerOf, keys: image.history.map(keyOf) };
}

function rowOf(row: HistoryRow, base: boolean, layer: ImageLayer | undefined): CompareRow {
  return {
    text: plainInstruction({ createdBy: row.createdBy ?? '', created: '', comment: row.comment ?? '' }),
    layer: row.emptyLayer !== true,
    base,
    line: undefined,
    size: layer?.size,
    diffId: layer?.diffId,
  };
}

function keyOf({ createdBy, comment }: HistoryRow): string {
  return comparableText(createdBy ?? comment ?? '');
}

function openDockerfile(
  store: Store,
  { file, shownAs }: Extract<CompareSubject, { kind: 'dockerfile' }>,
  builder: BuilderName,
): OpenSide {
  const planned = plannedRows({ ...file, builder: file.builder ?? builder, dataRoot: store.dataRoot });
  const below = baseRows(store, planned.base);
  const own = planned.rows.map(
    ({ text, layer, line }): CompareRow => ({ text, layer, base: false, line, size: undefined, diffId: undefined }),
  );
  const count = own.filter(({ layer }) => layer).length;
  return {
    side: {
      kind: 'dockerfile',
      name: shownAs,
      imageId: undefined,
      base: planned.base.kind === 'image' ? planned.base.reference : undefined,
      rows: [...(below?.rows ?? []), ...own],
      layers: below === undefined ? undefined : below.rows.filter(({ layer }) => layer).length + count,
      configSteps: own.length - count,
      size: undefined,
    },
    keys: [...(below?.keys ?? []), ...planned.rows.map(({ createdBy }) => comparableText(createdBy))],
    values: configValues(planned.config, planned.author),
    layers: undefined,
    layerOf: below?.layerOf ?? new Map(),
  };
}

/** Undefined where the image is not there. */
function baseRows(
  store: Store,
  base: { readonly kind: 'scratch' } | { readonly kind: 'image'; readonly reference: string },
): KnownRows | undefined {
  if (base.kind === 'scratch') return { rows: [], keys: [], layerOf: new Map() };
  const id: Digest | undefined = findImage(store, base.reference);
  const image = id === undefined ? undefined : store.images.config(id);
  if (image === undefined) return undefined;
  return imageRows(image, imageLayers(store, image), image.history.length);
}
