import type { LayerSummary } from '../../engine/layers.ts';
import { cut } from '../plan/cut.ts';
import type { Paint } from '../plan/paint.ts';
import { shortId } from '../short-id.ts';
import { humanSizeWithPrecision } from '../units.ts';
import { bar } from './bar.ts';
import { shownName } from './shown-name.ts';

const BAR = 20;

/** Draws the layers of an image, the newest first as docker lists them, each with a bar by its size. */
export function drawLayers(layers: readonly LayerSummary[], paint: Paint, columns: number): string {
  const most = layers.reduce((largest, { size }) => Math.max(largest, size), 0);
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  const digits = String(Math.max(layers.length - 1, 0)).length;
  const lines: string[] = [];
  for (const layer of layers.toReversed()) {
    const head = `${String(layer.index).padStart(digits)}  ${humanSizeWithPrecision(layer.size, 3).padStart(7)}  `;
    const room = Math.max(columns - head.length - BAR - 2, 20);
    const instruction = shownName(layer.instruction) || '(the history does not say)';
    lines.push(`${head}${paint.layer(bar(layer.size, most, BAR))}  ${cut(instruction, room)}`);
    const indent = ' '.repeat(digits + 2);
    const ids = `chain ${shortId(layer.chainId)}  diff ${shortId(layer.diffId)}  cache ${layer.cacheId.slice(0, 12)}`;
    lines.push(`${indent}${changes(layer)}  ${paint.faint(ids)}`);
    if (layer.sharedWith.length > 0) {
      lines.push(cut(`${indent}shared with ${sharers(layer.sharedWith)}`, Math.max(columns, 40)));
    }
  }
  const count = layers.length === 1 ? '1 layer' : `${layers.length} layers`;
  lines.push(`${count}, ${humanSizeWithPrecision(total, 3)}`);
  return `${lines.join('\n')}\n`;
}

/** Names, and how many images have none. */
function sharers(names: readonly string[]): string {
  const named = names.filter((name) => !name.startsWith('sha256:')).map(shownName);
  const rest = names.length - named.length;
  const [id = ''] = names.slice(named.length);
  if (rest === 0) return named.join(', ');
  const others = rest === 1 ? shortId(id) : `${rest} images without a name`;
  return named.length === 0 ? others : `${others}, ${named.join(', ')}`;
}

/** With a sign for each, so that colour is never the only one. */
export function changes({ added, changed, deleted }: LayerSummary): string {
  const parts = [`+${added}`, `~${changed}`, `-${deleted}`];
  return `${parts.join(' ')} files`;
}
