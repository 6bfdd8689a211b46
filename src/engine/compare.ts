import type { Store } from '../store/store.ts';
import { alignTexts } from './align-texts.ts';
import type { BuilderName } from './build-options.ts';
import { compareFiles, sameLayer } from './compare/compare-files.ts';
import { type OpenSide, openSide } from './compare/open-side.ts';
import type {
  ComparedRow,
  CompareRequest,
  CompareResult,
  CompareRow,
  CompareSubject,
  ConfigDifference,
  RowStatus,
} from './compare-result.ts';
import { builderOfImage } from './image-files/builder-of-image.ts';
import { FileTable } from './image-files/file-table.ts';
import type { ImageLayer } from './image-files/image-layers.ts';
import { sameKind } from './image-files/lines-of-rows.ts';
import { openForReading } from './open-for-reading.ts';
import { resolveImage } from './resolve-image.ts';

/** What only a built image says. */
const IMAGE_ONLY: ReadonlySet<string> = new Set(['Architecture', 'Os', 'Variant', 'Created']);

/**
 * Compares two images, two Dockerfiles, or one with the other: instructions set side by side, config, and (of two images) the
 * files, read from tar-split alone. Nothing is built.
 *
 * @throws LL_NOT_FOUND, LL_CORRUPT, and for a Dockerfile what `plan` throws
 */
export function compare(request: CompareRequest): CompareResult {
  const store = openForReading(request.dataRoot);
  const ignoreTimes = request.ignoreTimes ?? false;
  const builder = builderOf(store, [request.a, request.b]);
  const a = openSide(store, request.a, { ignoreTimes, builder });
  const b = openSide(store, request.b, { ignoreTimes, builder });
  const rows = compareRows(a, b, ignoreTimes);
  const config = compareValues(a, b);
  const files =
    a.layers === undefined || b.layers === undefined
      ? undefined
      : sameLayers(a.layers, b.layers)
        ? []
        : compareFiles(tableOf(a.layers), tableOf(b.layers), ignoreTimes);
  const same = rows.every(({ status }) => status === 'same') && config.length === 0 && (files ?? []).length === 0;
  return { a: a.side, b: b.side, same, rows, config, files };
}

/** Who would build a Dockerfile among these: whoever built the image beside it, else BuildKit. Throws as `compare` does. */
export function builderBeside(dataRoot: string, subjects: readonly CompareSubject[]): BuilderName {
  if (subjects.every(({ kind }) => kind === 'dockerfile')) return 'buildkit';
  return builderOf(openForReading(dataRoot), subjects);
}

function builderOf(store: Store, subjects: readonly CompareSubject[]): BuilderName {
  for (const subject of subjects) {
    if (subject.kind !== 'image') continue;
    const image = store.images.config(resolveImage(store, subject.image));
    if (image !== undefined) return builderOfImage(image);
  }
  return 'buildkit';
}

function sameLayers(a: readonly ImageLayer[], b: readonly ImageLayer[]): boolean {
  return a.length === b.length && a.every(({ diffId }, at) => b[at]?.diffId === diffId);
}

function tableOf(layers: readonly ImageLayer[]): FileTable {
  const table = new FileTable();
  for (const layer of layers) table.add(layer.entries());
  return table;
}

function compareRows(a: OpenSide, b: OpenSide, ignoreTimes: boolean): readonly ComparedRow[] {
  return alignTexts(a.keys, b.keys, sameKind).map((pair) => {
    const one = pair.a === undefined ? undefined : a.side.rows[pair.a];
    const other = pair.b === undefined ? undefined : b.side.rows[pair.b];
    if (one === undefined || other === undefined) {
      return { status: one === undefined ? 'added' : 'removed', a: one, b: other };
    }
    const [key, otherKey] = [a.keys[pair.a ?? -1] ?? '', b.keys[pair.b ?? -1] ?? ''];
    if (key === otherKey) return { status: layerStatus(a, b, one, other, ignoreTimes), a: one, b: other };
    // Build arguments may be all that differs: then they are told.
    return one.text === other.text
      ? { status: 'changed', a: { ...one, text: key }, b: { ...other, text: otherKey } }
      : { status: 'changed', a: one, b: other };
  });
}

/** Of two rows with one text. What is not built yet has no layer that could differ. */
function layerStatus(a: OpenSide, b: OpenSide, one: CompareRow, other: CompareRow, ignoreTimes: boolean): RowStatus {
  if (one.diffId === undefined || other.diffId === undefined || one.diffId === other.diffId) return 'same';
  const [left, right] = [a.layerOf.get(one), b.layerOf.get(other)];
  if (!ignoreTimes || left === undefined || right === undefined) return 'rebuilt';
  return sameLayer(left.entries(), right.entries(), true) ? 'same' : 'rebuilt';
}

function compareValues(a: OpenSide, b: OpenSide): readonly ConfigDifference[] {
  const built = a.layers !== undefined && b.layers !== undefined;
  const keys = [...new Set([...a.values.keys(), ...b.values.keys()])].filter((key) => built || !IMAGE_ONLY.has(key));
  return keys
    .sort()
    .map((key) => ({ key, a: a.values.get(key), b: b.values.get(key) }))
    .filter((one) => one.a !== one.b);
}
