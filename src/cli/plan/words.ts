import type { LayerCount, PlanResult, PlanStage, PlanVariable } from '../../engine/plan-result.ts';
import { harmlessText } from '../harmless-text.ts';

/** A text of a Dockerfile on one line of a drawing, without anything that acts on a terminal. */
export function oneLine(text: string): string {
  return harmlessText(text.replace(/\s+/g, ' ').trim());
}

/** As `3 layer steps`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** How a stage is called in notes: by its number and, where it has one, its name. */
export function stageName(stages: readonly PlanStage[], index: number): string {
  const name = stages[index]?.name;
  return name === undefined ? `stage ${index}` : `stage ${index} (${oneLine(name)})`;
}

/** How many layers come out. Classic leaves out those that turn out empty. */
export function layerWords(layers: LayerCount | undefined, { builder }: PlanResult): string {
  if (layers === undefined) return 'not read';
  const most = builder === 'classic' && layers.added > 0 ? 'at most ' : '';
  if (layers.total === undefined) return `${most}${count(layers.added, 'layer')} + unknown base`;
  return `${most}${count(layers.total, 'layer')}${layers.base ? `, ${layers.base} of the base` : ''}`;
}

/** Where a variable's value came from. `line` is the line of the note itself, which needs no mention. */
export function originWords({ origin, line }: PlanVariable, here: number): string {
  switch (origin) {
    case 'env':
      return line === here || line === undefined ? 'ENV' : `ENV on line ${line}`;
    case 'arg-default':
      return line === here || line === undefined ? 'default' : `default on line ${line}`;
    case 'global-arg':
      return `global ARG on line ${line}`;
    case 'build-arg':
      return '--build-arg';
    case 'predefined':
      return 'predefined';
    case 'base-image':
      return 'base image';
    case 'unset':
      return 'no value';
  }
}

/** A variable with its value and the origin of it. */
export function variableWords(variable: PlanVariable, here: number): string {
  const value = variable.value === undefined ? '' : `=${oneLine(variable.value)}`;
  return `${oneLine(variable.name)}${value} (${originWords(variable, here)})`;
}
