import type { LayerCount, PlanResult, PlanStage, PlanStep, PlanVariable } from '../../engine/plan-result.ts';
import type { ListRow } from '../list-format.ts';
import { originWords } from './words.ts';

/** The heads of a table of rows. */
export const PLAN_HEADERS = {
  BaseLayers: 'BASE LAYERS',
  Built: 'BUILT',
  Cache: 'CACHE',
  File: 'FILE',
  Kind: 'KIND',
  Layers: 'LAYERS',
  Line: 'LINE',
  Needed: 'NEEDED',
  Refused: 'REFUSED',
  Stage: 'STAGE',
  StageName: 'STAGE NAME',
  Step: 'STEP',
  Target: 'TARGET',
  Variables: 'VARIABLES',
};

const NOTHING = {
  BaseLayers: '',
  Built: '',
  Cache: '',
  Layers: '',
  Needed: '',
  Refused: '',
  Stage: '',
  StageName: '',
  Target: '',
  Variables: '',
};

/** A plan as rows for templates and JSON: one for each line, FROM (`stage`) and ARGs before it (`global`) included. */
export function planRows(plan: PlanResult): readonly ListRow[] {
  const { file: File, target, globals, stages } = plan;
  return [
    ...globals.map(({ line, text, variables }) => ({
      ...NOTHING,
      File,
      Kind: 'global',
      Line: String(line),
      Step: text,
      Variables: variableList(variables, line),
    })),
    ...stages.flatMap((stage) => {
      const common = {
        ...NOTHING,
        File,
        Built: String(stage.built),
        Needed: String(stage.needed),
        Stage: String(stage.index),
        StageName: stage.name ?? '',
        Target: String(stage.index === target),
      };
      return [stageRow(common, stage), ...stage.steps.map((step) => stepRow(common, step))];
    }),
  ];
}

function stageRow(common: ListRow, { line, text, layers, refused }: PlanStage): ListRow {
  return {
    ...common,
    ...layerFields(layers),
    Kind: 'stage',
    Line: String(line),
    Refused: refused?.message ?? '',
    Step: text,
  };
}

function layerFields(layers: LayerCount | undefined): ListRow {
  return { BaseLayers: numberOr(layers?.base), Layers: numberOr(layers?.total) };
}

function numberOr(number: number | undefined): string {
  return number === undefined ? 'unknown' : String(number);
}

function stepRow(common: ListRow, step: PlanStep): ListRow {
  return {
    ...common,
    Cache: step.cacheLoss ?? '',
    Kind: step.kind,
    Line: String(step.line),
    Refused: step.refused?.message ?? '',
    Step: step.text,
    Variables: variableList(step.variables, step.line),
  };
}

function variableList(variables: readonly PlanVariable[], line: number): string {
  return variables
    .map((variable) => {
      const value = variable.value === undefined ? '' : `=${variable.value}`;
      return `${variable.name}${value} (${originWords(variable, line)})`;
    })
    .join(', ');
}
