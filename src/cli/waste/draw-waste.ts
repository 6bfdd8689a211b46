import type { WasteDeed, WasteLayer, WasteResult } from '../../engine/waste-result.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { bar } from '../draw/bar.ts';
import { cut } from '../plan/cut.ts';
import type { Paint } from '../plan/paint.ts';
import { count, oneLine } from '../plan/words.ts';
import { shortId } from '../short-id.ts';
import { humanSizeWithPrecision } from '../units.ts';

const BAR = 20;
const LEAST_WIDTH = 60;

const verbs = {
  deleted: 'deletes',
  replaced: 'replaces',
  rewritten: 'writes again',
  moved: 'moves',
} as const;

/** Draws what an image wastes: its layers with the hidden part of each, what to change, and the files, the largest first. */
export function drawWaste(result: WasteResult, top: number, paint: Paint, columns: number): string {
  const width = Math.max(columns, LEAST_WIDTH);
  const out = [...head(result), '', ...layerLines(result, paint, width)];
  if (result.deeds.length > 0)
    out.push('', 'What to change', ...result.deeds.flatMap((deed) => deedLines(deed, result, paint, width)));
  if (result.baseDeeds.length > 0) {
    const title = `Within the base image${result.base === undefined ? '' : ` ${oneLine(result.base)}`}`;
    out.push('', title, ...result.baseDeeds.flatMap((deed) => deedLines(deed, result, paint, width)));
  }
  if (result.paths.length > 0) out.push('', ...fileLines(result, top, width));
  return out.map((line) => `${line}\n`).join('');
}

function head({
  tags,
  imageId,
  layers,
  size,
  wastedBytes,
  efficiency,
  base,
  userWastedPercent,
}: WasteResult): string[] {
  const name = tags[0] === undefined ? shortId(imageId) : oneLine(tags[0]);
  const below = layers.filter((layer) => layer.base).length;
  const standing = base === undefined ? '' : `, ${below} of them of ${oneLine(base)}`;
  return [
    `${name}: ${sizeText(size)} in ${count(layers.length, 'layer')}${standing}`,
    `${sizeText(wastedBytes)} hidden by later layers (${percent(size === 0 ? 0 : wastedBytes / size)}), efficiency ${percent(efficiency)}, ${percent(userWastedPercent)} of what was added is wasted`,
  ];
}

function layerLines({ layers }: WasteResult, paint: Paint, width: number): string[] {
  const most = layers.reduce((largest, { size }) => Math.max(largest, size), 0);
  const lines = layers.map((layer) => {
    const seen = bar(layer.size - layer.hidden, layer.size, most, BAR);
    const hidden = layer.hidden === 0 ? '' : `${sizeText(layer.hidden)} hidden`;
    const text = `${String(layer.index).padStart(3)} ${seen} ${sizeText(layer.size).padStart(7)} ${hidden.padStart(14)}  ${where(layer)}`;
    const line = cut(text, width);
    return layer.hidden > 0 ? paint.warn(line) : layer.base ? paint.faint(line) : line;
  });
  return ['Layers                    size  (█ seen, ░ hidden)', ...lines];
}

function deedLines(deed: WasteDeed, { layers }: WasteResult, paint: Paint, width: number): string[] {
  const hider = layers[deed.hider];
  const writer = layers[deed.writer];
  return [
    cut(`${sizeText(deed.bytes).padStart(8)}  ${where(hider)}`, width),
    cut(`          ${verbs[deed.cause]} ${count(deed.files, 'file')} of ${where(writer)}`, width),
    paint.layer(`          ${deed.advice}`),
  ];
}

function fileLines({ paths, layers }: WasteResult, top: number, width: number): string[] {
  const shown = paths.slice(0, top);
  const rest = paths.slice(top);
  const lines = shown.map(({ bytes, copies, path }) => {
    const ways = copies.map(({ layer, by, cause, movedTo }) => {
      const to = movedTo === undefined ? '' : ` to /${oneLine(fromByteString(movedTo))}`;
      return `${cause} by ${placeOf(layers[by], by)}${to}, written by ${placeOf(layers[layer], layer)}`;
    });
    return cut(`${sizeText(bytes).padStart(8)}  /${oneLine(fromByteString(path))}  (${ways.join('; ')})`, width);
  });
  if (rest.length > 0) {
    const bytes = rest.reduce((sum, path) => sum + path.bytes, 0);
    lines.push(`${sizeText(bytes).padStart(8)}  in ${count(rest.length, 'more file')} (--top shows more)`);
  }
  return ['Files', ...lines];
}

function placeOf(layer: WasteLayer | undefined, index: number): string {
  return layer?.line === undefined ? `layer ${index}` : `line ${layer.line}`;
}

function where(layer: WasteLayer | undefined): string {
  if (layer === undefined) return '';
  const place = layer.line === undefined ? (layer.base ? 'base' : `layer ${layer.index}`) : `line ${layer.line}`;
  return `${place}: ${oneLine(layer.text) || 'no history'}`;
}

function sizeText(bytes: number): string {
  return humanSizeWithPrecision(bytes, 3);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
