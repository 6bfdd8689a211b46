import type { PlanResult, PlanStage, PlanStep } from '../../engine/plan-result.ts';
import { textWidth } from '../text-width.ts';
import { cut } from './cut.ts';
import type { Paint } from './paint.ts';
import { layerWords, oneLine } from './words.ts';

const GAP = '  ';
const LEAST_WIDTH = 24;

interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

type Row = readonly [head: string, ...cells: Cell[]];

/** Several plans side by side: what each comes to, then the steps of the stages that are built. */
export function comparePlans(plans: readonly PlanResult[], paint: Paint, columns: number): string {
  const facts: readonly Row[] = [
    ['', ...plans.map(({ file }) => ({ text: oneLine(file) }))],
    ['STAGES', ...plans.map(({ stages }) => ({ text: `${builtOf(stages).length} of ${stages.length} built` }))],
    ['LAYER STEPS', ...plans.map(({ layerSteps }) => ({ text: String(layerSteps) }))],
    ['CONFIG STEPS', ...plans.map(({ configSteps }) => ({ text: String(configSteps) }))],
    ['TARGET', ...plans.map((plan) => ({ text: layerWords(plan.stages[plan.target]?.layers, plan) }))],
  ];
  const lists = plans.map((plan) => stepCells(plan, paint));
  const longest = lists.reduce((most, list) => Math.max(most, list.length), 0);
  const steps = Array.from({ length: longest }, (_, at): Row => {
    return [at === 0 ? 'STEPS' : '', ...lists.map((list) => list[at] ?? { text: '' })];
  });
  return align([...facts, ...steps], columns);
}

function builtOf(stages: readonly PlanStage[]): readonly PlanStage[] {
  return stages.filter(({ built }) => built);
}

function stepCells({ stages }: PlanResult, paint: Paint): readonly Cell[] {
  const built = builtOf(stages);
  const digits = String(
    built.flatMap(({ steps }) => steps.at(-1) ?? []).reduce((most, { line }) => Math.max(most, line), 0),
  );
  return built.flatMap((stage) => [
    { text: `■ ${String(stage.line).padStart(digits.length)} ${oneLine(stage.text)}` },
    ...stage.steps.map((step) => stepCell(step, digits.length, paint)),
  ]);
}

function stepCell(step: PlanStep, digits: number, paint: Paint): Cell {
  const mark = step.refused !== undefined ? '✗' : step.kind === 'layer' ? '●' : '○';
  const lost = step.cacheLoss === undefined ? '' : '! ';
  return {
    text: `${mark} ${String(step.line).padStart(digits)} ${lost}${oneLine(step.text)}`,
    paint:
      step.refused !== undefined
        ? paint.wrong
        : lost !== ''
          ? paint.warn
          : step.kind === 'layer'
            ? paint.layer
            : paint.config,
  };
}

/** Every column as wide as its widest cell, and all of them together no wider than the terminal where that can be. */
function align(rows: readonly Row[], columns: number): string {
  const head = rows.reduce((most, [name]) => Math.max(most, name.length), 0);
  const count = (rows[0]?.length ?? 1) - 1;
  const room = Math.max(LEAST_WIDTH, Math.floor((columns - head) / Math.max(1, count)) - GAP.length);
  const cells = rows.map(([, ...row]) => row.map((cell) => ({ ...cell, text: cut(cell.text, room) })));
  const widths = Array.from({ length: count }, (_, at) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[at]?.text ?? '')), 0),
  );
  return rows
    .map(([name], line) => {
      const row = (cells[line] ?? []).map(({ text, paint }, at, all) => {
        const padding = at === all.length - 1 ? '' : ' '.repeat((widths[at] ?? 0) - textWidth(text));
        return `${paint === undefined ? text : paint(text)}${padding}`;
      });
      return `${[name.padEnd(head), ...row].join(GAP).trimEnd()}\n`;
    })
    .join('');
}
