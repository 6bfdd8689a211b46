import type { CheckResult } from '../../engine/check.ts';
import { harmlessText } from '../harmless-text.ts';
import type { Paint } from '../plan/paint.ts';
import { humanSize } from '../units.ts';

/** A name from the data-root on one line: nothing in it acts on the terminal or breaks the line. */
export function oneLine(text: string): string {
  return harmlessText(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'));
}

const many = (count: number, one: string, several = `${one}s`): string => `${count} ${count === 1 ? one : several}`;

/** The result of a check as text: a line a step, every finding under it, and what to do. */
export function drawCheck(result: CheckResult, paint: Paint): string {
  const lines: string[] = [];
  const width = Math.max(...result.steps.map(({ title }) => title.length));
  for (const step of result.steps) {
    const found = [
      ...(step.damages === 0 ? [] : [paint.wrong(many(step.damages, 'damage'))]),
      ...(step.leftovers === 0 ? [] : [paint.warn(many(step.leftovers, 'leftover'))]),
    ];
    const mark = step.damages > 0 ? paint.wrong('✗') : step.leftovers > 0 ? paint.warn('!') : paint.layer('✓');
    lines.push(
      `${mark} ${step.name.padEnd(13)}${paint.faint(step.title.padEnd(width))}  ${String(step.checked).padStart(6)}  ${found.length === 0 ? 'sound' : found.join(', ')}`,
    );
  }
  for (const { id, severity, where, detail, means, mend, images, containers } of result.damages) {
    const name = severity === 'damage' ? paint.wrong(id) : paint.warn(id);
    lines.push('', `${name}  ${oneLine(where)}`, `    ${oneLine(detail)}`);
    if (images.length > 0) lines.push(`    images: ${listed(images)}`);
    if (containers.length > 0) lines.push(`    containers: ${listed(containers)}`);
    lines.push(`    ${paint.faint('what it means:')} ${means}`, `    ${paint.faint('what mends it:')} ${mend}`);
  }
  if (result.unreadable.length > 0) {
    lines.push('', paint.warn(`not looked at, for want of the right to read (${result.unreadable.length}):`));
    for (const { where, why } of result.unreadable.slice(0, 10)) lines.push(`    ${oneLine(where)}: ${why}`);
    if (result.unreadable.length > 10) lines.push(`    and ${result.unreadable.length - 10} more`);
  }
  lines.push('', summary(result));
  return `${lines.join('\n')}\n`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(oneLine).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function summary({ damages, unreadable, full, bytes, daemon, dataRoot }: CheckResult): string {
  const harm = damages.filter(({ severity }) => severity === 'damage').length;
  const rest = damages.length - harm;
  const read = full ? `, ${humanSize(bytes)} of layers read` : ', contents of layers not read (--full does)';
  const beside = daemon ? ' A dockerd runs on it: what is younger than 10 minutes counts as its work.' : '';
  const parts = [
    ...(harm > 0 ? [many(harm, 'damage')] : []),
    ...(rest > 0 ? [many(rest, 'leftover')] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} not readable`] : []),
  ];
  const next = damages.some(({ repairable }) => repairable) ? '\nSee what can be mended: layerlab repair' : '';
  return `${oneLine(dataRoot)}: ${parts.length === 0 ? 'sound' : parts.join(', ')}${read}.${beside}${next}`;
}
