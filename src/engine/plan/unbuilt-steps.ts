import type { Stage } from '../../parser/parse-dockerfile.ts';
import type { PlanStep } from '../plan-result.ts';

const LAYER: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/** The lines of a stage that no build looks into, their kind told by the instruction alone. */
export function unbuiltSteps(stage: Stage): readonly PlanStep[] {
  return stage.instructions.map((instruction) => ({
    kind: isLayer(instruction) ? 'layer' : 'config',
    line: instruction.range.startLine,
    text: instruction.source,
    trigger: false,
    fromStage: undefined,
    fromImage: undefined,
    variables: [],
    refused: undefined,
    cacheLoss: undefined,
  }));
}

/** A WORKDIR of the root makes nothing. */
function isLayer(instruction: Stage['instructions'][number]): boolean {
  return LAYER.has(instruction.kind) && !(instruction.kind === 'WORKDIR' && instruction.path === '/');
}
