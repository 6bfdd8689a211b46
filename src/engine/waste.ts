import type { ByteString } from '../formats/bytestring.ts';
import type { ImageConfig } from '../formats/image-config.ts';
import type { Store } from '../store/store.ts';
import { imageNames } from './image-facts.ts';
import { builderOfImage } from './image-files/builder-of-image.ts';
import { type BaseOfImage, baseNamed, findBase } from './image-files/find-base.ts';
import { type ImageLayer, imageLayers } from './image-files/image-layers.ts';
import { linesOfRows } from './image-files/lines-of-rows.ts';
import { plainInstruction } from './look/layer-steps.ts';
import { openForReading } from './open-for-reading.ts';
import { type PlannedRows, plannedRows } from './plan/planned-rows.ts';
import { noSuchImage, resolveImage } from './resolve-image.ts';
import { adviceFor } from './waste/advice.ts';
import { findWaste, type HiddenCopy, type WasteCause } from './waste/find-waste.ts';
import type { WasteDeed, WasteLayer, WastePath, WasteRequest, WasteResult } from './waste-result.ts';

/**
 * Finds the bytes of an image that no container ever sees, because a later layer deletes, replaces or rewrites the file. The
 * copy that is seen does not count. Everything is read from tar-split: no file is opened.
 *
 * @throws LL_NOT_FOUND, LL_CORRUPT; LL_USAGE for a base that is none; with a Dockerfile also what `plan` throws
 */
export function waste(request: WasteRequest): WasteResult {
  const store = openForReading(request.dataRoot);
  const id = resolveImage(store, request.image);
  const image = store.images.config(id);
  if (image === undefined) throw noSuchImage(request.image);
  const planned = plannedOf(request, image);
  const base = baseOf(store, image, request.base, planned);
  const found = imageLayers(store, image);
  const { copies, totalBytes, seen } = findWaste(found.map((layer) => layer.entries()));
  const layers = describeLayers(found, image, base, lineFinder(planned, image, base), copies);
  const isBase = (index: number): boolean => layers[index]?.base === true;
  const deeds = groupDeeds(copies, layers);
  const wastedBytes = sum(copies.map(({ bytes }) => bytes));
  const users = layers.filter(({ base: below, index }) => (base === undefined ? index > 0 : !below));
  const userBytes = sum(users.map(({ size }) => size));
  const userWastedBytes = sum(copies.filter(({ by }) => !isBase(by)).map(({ bytes }) => bytes));
  return {
    imageId: id,
    tags: imageNames(store, id).tags,
    base: base?.name,
    layers,
    size: sum(layers.map(({ size }) => size)),
    wastedBytes,
    userBytes,
    userWastedBytes,
    efficiency: totalBytes === 0 ? 1 : (totalBytes - wastedBytes) / totalBytes,
    userWastedPercent: userBytes === 0 ? 0 : userWastedBytes / userBytes,
    deeds: deeds.filter(({ hider }) => !isBase(hider)),
    baseDeeds: deeds.filter(({ hider }) => isBase(hider)),
    paths: groupPaths(copies, seen),
  };
}

/** The causes of waste, to number them. */
const CAUSES: readonly WasteCause[] = ['deleted', 'replaced', 'rewritten', 'moved'];

type LineOf = (row: number | undefined) => number | undefined;

function plannedOf({ dataRoot, dockerfile }: WasteRequest, image: ImageConfig): PlannedRows | undefined {
  if (dockerfile === undefined) return undefined;
  return plannedRows({ ...dockerfile, dataRoot, builder: dockerfile.builder ?? builderOfImage(image) });
}

/** A Dockerfile knows what the image stands on, better than a search does; unless its FROM means another image by now. */
function baseOf(
  store: Store,
  image: ImageConfig,
  named: string | undefined,
  planned: PlannedRows | undefined,
): BaseOfImage | undefined {
  if (named !== undefined || planned === undefined) return findBase(store, image, named);
  if (planned.base.kind === 'scratch') return undefined;
  return baseNamed(store, image, planned.base.reference) ?? findBase(store, image, undefined);
}

function lineFinder(planned: PlannedRows | undefined, image: ImageConfig, base: BaseOfImage | undefined): LineOf {
  if (planned === undefined) return () => undefined;
  const lines = linesOfRows(image.history, base?.rows ?? 0, planned.rows);
  return (row) => (row === undefined ? undefined : lines.get(row));
}

function describeLayers(
  found: readonly ImageLayer[],
  image: ImageConfig,
  base: BaseOfImage | undefined,
  lineOf: LineOf,
  copies: readonly HiddenCopy[],
): readonly WasteLayer[] {
  const hidden = new Map<number, number>();
  for (const { layer, bytes } of copies) hidden.set(layer, (hidden.get(layer) ?? 0) + bytes);
  return found.map(({ index, chainId, diffId, size, row }) => {
    const history = row === undefined ? undefined : image.history[row];
    const createdBy = history?.createdBy ?? '';
    return {
      index,
      chainId,
      diffId,
      size,
      hidden: hidden.get(index) ?? 0,
      text: plainInstruction({ createdBy, created: '', comment: history?.comment ?? '' }),
      createdBy,
      line: lineOf(row),
      base: index < (base?.layers ?? 0),
    };
  });
}

function groupDeeds(copies: readonly HiddenCopy[], layers: readonly WasteLayer[]): readonly WasteDeed[] {
  const groups = new Map<number, HiddenCopy[]>();
  for (const copy of copies) {
    const key = (copy.by * layers.length + copy.layer) * CAUSES.length + CAUSES.indexOf(copy.cause);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [copy]);
    else group.push(copy);
  }
  const actor = (index: number) => ({ text: layers[index]?.text ?? '', base: layers[index]?.base ?? false });
  return [...groups.values()]
    .flatMap((group): WasteDeed[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { cause, layer, by } = first;
      return [
        {
          cause,
          writer: layer,
          hider: by,
          bytes: sum(group.map(({ bytes }) => bytes)),
          files: group.length,
          advice: adviceFor(cause, actor(layer), actor(by)),
        },
      ];
    })
    .sort((a, b) => b.bytes - a.bytes || a.hider - b.hider || a.writer - b.writer);
}

function groupPaths(copies: readonly HiddenCopy[], seen: ReadonlySet<ByteString>): readonly WastePath[] {
  const groups = new Map<string, HiddenCopy[]>();
  for (const copy of copies) {
    const group = groups.get(copy.path);
    if (group === undefined) groups.set(copy.path, [copy]);
    else group.push(copy);
  }
  return [...groups]
    .map(([path, group]) => ({
      path,
      bytes: sum(group.map(({ bytes }) => bytes)),
      copies: group,
      stored: group.length + (seen.has(path) ? 1 : 0),
    }))
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
