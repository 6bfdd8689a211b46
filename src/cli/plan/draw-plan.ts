import type { PlanChange, PlanResult, PlanStage, PlanStep, PlanVariable } from '../../engine/plan-result.ts';
import { cut } from './cut.ts';
import type { Paint } from './paint.ts';
import { count, layerWords, oneLine, stageName, variableWords } from './words.ts';

const LEAST_WIDTH = 40;

/**
 * Draws a plan: the file, its stages, their steps, each with its line; notes below a step say where variables got their
 * values, what it copies from, that build refuses it, and that it cannot come from the cache.
 */
export function drawPlan(plan: PlanResult, paint: Paint, columns: number): string {
  return new Drawing(plan, paint, Math.max(columns, LEAST_WIDTH)).draw();
}

class Drawing {
  readonly #plan: PlanResult;
  readonly #paint: Paint;
  readonly #columns: number;
  readonly #digits: number;
  #out = '';

  constructor(plan: PlanResult, paint: Paint, columns: number) {
    this.#plan = plan;
    this.#paint = paint;
    this.#columns = columns;
    const lines = [...plan.globals, ...plan.stages, ...plan.stages.flatMap(({ steps }) => steps)];
    this.#digits = String(lines.reduce((most, { line }) => Math.max(most, line), 0)).length;
  }

  draw(): string {
    const { file, globals, stages, changes, warnings } = this.#plan;
    this.#line(oneLine(file));
    for (const { line, text, variables } of globals) {
      this.#row('├─ ', this.#paint.config('○'), line, text);
      for (const variable of variables) this.#note('│  ', variableWords(variable, line));
    }
    stages.forEach((stage, at) => {
      this.#stage(stage, at === stages.length - 1);
    });
    this.#line('');
    for (const text of this.#summary()) this.#line(text);
    for (const change of changes) this.#line(this.#paint.warn(changeWords(change)));
    for (const warning of warnings) this.#line(this.#paint.warn(oneLine(warning)));
    return this.#out;
  }

  #stage(stage: PlanStage, last: boolean): void {
    const { faint, wrong } = this.#paint;
    const [branch, below] = last ? ['└─ ', '   '] : ['├─ ', '│  '];
    this.#row(branch, stage.built ? '■' : '□', stage.line, stage.text);
    const stem = stage.steps.length === 0 ? `${below}   ` : `${below}│  `;
    this.#note(stem, faint(`${stageName(this.#plan.stages, stage.index)}: ${this.#stageWords(stage)}`), true);
    if (stage.refused !== undefined)
      this.#note(stem, wrong(`build refuses this: ${oneLine(stage.refused.message)}`), true);
    stage.steps.forEach((step, at) => {
      const end = at === stage.steps.length - 1;
      this.#step(step, below + (end ? '└─ ' : '├─ '), below + (end ? '   ' : '│  '));
    });
  }

  #stageWords(stage: PlanStage): string {
    const { stages, target } = this.#plan;
    const { base } = stage;
    const role =
      stage.index === target
        ? 'target'
        : stage.needed
          ? 'needed'
          : stage.built
            ? 'not needed, built all the same'
            : 'not needed';
    const stands =
      base.kind === 'stage'
        ? `, stands on ${stageName(stages, base.index)}`
        : base.kind === 'image' && !base.known
          ? `, ${oneLine(base.reference)} is not in the data-root`
          : '';
    return `${role}${stands}; ${layerWords(stage.layers, this.#plan)}`;
  }

  #step(step: PlanStep, branch: string, below: string): void {
    const { layer, config, warn, wrong, faint } = this.#paint;
    const mark = step.refused !== undefined ? wrong('✗') : step.kind === 'layer' ? layer('●') : config('○');
    this.#row(branch, mark, step.line, step.text);
    for (const variable of step.variables.filter((one) => !isPlain(one, step)))
      this.#note(below, faint(variableWords(variable, step.line)));
    if (step.fromStage !== undefined) {
      this.#note(below, faint(`from ${stageName(this.#plan.stages, step.fromStage)}`));
    }
    if (step.fromImage !== undefined) this.#note(below, faint(`from the image ${oneLine(step.fromImage)}`));
    if (step.refused !== undefined) this.#note(below, wrong(`build refuses this: ${oneLine(step.refused.message)}`));
    if (step.cacheLoss === 'source') this.#note(below, warn('not from the cache: takes a changed file'));
    if (step.cacheLoss === 'behind') this.#note(below, warn('not from the cache: something before it changes'));
  }

  #summary(): readonly string[] {
    const { stages, target, builder, layerSteps, configSteps } = this.#plan;
    const built = stages.filter((stage) => stage.built).length;
    const { layer, config, wrong } = this.#paint;
    // BuildKit reads every FROM line, also of stages that it then leaves out.
    const refused = stages.flatMap((stage) => [stage, ...stage.steps]).filter((one) => one.refused !== undefined);
    return [
      `${layer('●')} layer step  ${config('○')} config step  ■ stage that is built  □ stage that is not`,
      `${builder} builds ${built} of ${count(stages.length, 'stage')}: ${count(layerSteps, 'layer step')}, ${count(configSteps, 'config step')}`,
      `target ${stageName(stages, target)}: ${layerWords(stages[target]?.layers, this.#plan)}`,
      ...(refused.length === 0
        ? []
        : [wrong(`✗ build refuses line ${refused.map(({ line }) => line).join(', ')}: it would not begin`)]),
    ];
  }

  #row(branch: string, mark: string, line: number, text: string): void {
    const number = String(line).padStart(this.#digits);
    const room = this.#columns - branch.length - 2 - this.#digits - 2;
    this.#line(`${branch}${mark} ${number}  ${cut(oneLine(text), room)}`);
  }

  /** Notes stand below the text of their step, or (`close`) below its mark. */
  #note(stem: string, text: string, close = false): void {
    this.#line(`${stem}${' '.repeat(close ? 0 : this.#digits + 4)}${text}`);
  }

  #line(text: string): void {
    this.#out += `${text}\n`;
  }
}

/** An ENV line that says the very value needs no note. */
function isPlain({ name, value, origin, line }: PlanVariable, step: PlanStep): boolean {
  return origin === 'env' && line === step.line && step.text.includes(`${name}=${value}`);
}

function changeWords({ file, place, lines }: PlanChange): string {
  const name = oneLine(file);
  if (place === 'outside') return `${name} is outside of the context: no step takes it`;
  if (place === 'ignored') return `${name} is left out by .dockerignore: no step takes it`;
  if (lines.length === 0) return `${name}: no step takes it`;
  return `${name} is taken by line ${lines.join(', ')}`;
}
