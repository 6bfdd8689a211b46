import type { ExplainStep } from '../../engine/explain/explain-step.ts';
import type { Explanation } from '../../engine/explain.ts';
import { cut } from '../plan/cut.ts';
import type { Paint } from '../plan/paint.ts';
import { shownName } from './shown-name.ts';

/** Draws a derivation: what stands above all layers, then layer by layer, each step with its number and whether it holds. */
export function drawExplanation(explanation: Explanation, paint: Paint, columns: number): string {
  const { kind, name, id, layers, steps, ok } = explanation;
  const digits = String(steps.length).length;
  const lines = [`${kind} ${shownName(name)}  ${paint.faint(id)}`];
  const above = steps.filter(({ layer }) => layer === undefined);
  const hasLayers = layers.length > 0;
  draw(lines, above, hasLayers ? '│  ' : '   ', digits, paint);
  layers.forEach(({ instruction }, index) => {
    const last = index === layers.length - 1;
    const title = `layer ${index}  ${shownName(instruction) || '(the history does not say)'}`;
    lines.push(`${last ? '└─ ' : '├─ '}${paint.layer('●')} ${cut(title, Math.max(columns - 6, 40))}`);
    draw(
      lines,
      steps.filter(({ layer }) => layer === index),
      last ? '   │  ' : '│  │  ',
      digits,
      paint,
    );
  });
  const wrong = steps.filter((step) => !step.ok);
  lines.push(
    '',
    ok ? `all ${steps.length} steps hold` : paint.wrong(`${wrong.length} of ${steps.length} steps do not hold`),
  );
  lines.push(paint.faint(`--step N shows one with the command that proves it`));
  return `${lines.join('\n')}\n`;
}

function draw(lines: string[], steps: readonly ExplainStep[], stem: string, digits: number, paint: Paint): void {
  for (const step of steps) {
    const number = String(step.number).padStart(digits);
    const mark = step.ok ? paint.layer('✓') : paint.wrong('✗');
    const values = step.expected.split(':overlay2/').map((value, at) => (at === 0 ? value : `overlay2/${value}`));
    lines.push(`${stem}${number} ${mark} ${step.name.padEnd(9)} ${shownName(values[0] ?? '')}`);
    const indent = `${stem}${' '.repeat(digits + 13)}`;
    for (const value of values.slice(1)) lines.push(`${indent}${value}`);
    lines.push(`${indent}${paint.faint(`= ${step.hashed === undefined ? step.formula : `sha256("${step.hashed}")`}`)}`);
    if (!step.ok) lines.push(`${indent}${paint.wrong(`on disk: ${shownName(step.found ?? '(nothing)')}`)}`);
    lines.push(`${indent}${paint.faint(`in ${step.where}`)}`);
  }
}

/** One step, with the command that proves it. */
export function drawStep(explanation: Explanation, step: ExplainStep, paint: Paint): string {
  const layer = step.layer === undefined ? undefined : explanation.layers[step.layer];
  const about = layer === undefined ? '' : `, layer ${step.layer}: ${shownName(layer.instruction)}`;
  const lines = [
    `step ${step.number} of ${explanation.steps.length}: ${step.name}${about}`,
    '',
    `  formula   ${step.formula}`,
    ...(step.hashed === undefined ? [] : [`  hashed    "${step.hashed}"`]),
    `  expected  ${shownName(step.expected)}`,
    `  on disk   ${shownName(step.found ?? '(nothing)')}  ${step.ok ? paint.layer('✓') : paint.wrong('✗')}`,
    `  in        ${step.where}`,
    '',
    'See for yourself:',
    '',
    `  ${step.command}`,
  ];
  return `${lines.join('\n')}\n`;
}
