import { LayerlabError } from '../errors/layerlab-error.ts';
import type { SourceRange } from '../parser/instruction.ts';
import type { Dockerfile } from '../parser/parse-dockerfile.ts';
import { atInstruction } from './plan-error.ts';
import { mountedStages } from './run-mounts.ts';
import { findSourceBuildkit, type StageGraph, type StageNode, stageLabel } from './stage-graph.ts';

/** A COPY or RUN of a stage that takes files from another stage. */
export interface StageEdge {
  readonly to: number;
  readonly range: SourceRange;
}

/** For each stage, where its COPYs and RUNs take files from; images are left out. Throws LL_PARSE for a wrong `--from`. */
export function stageEdges(dockerfile: Dockerfile, graph: StageGraph): readonly (readonly StageEdge[])[] {
  return graph.nodes.map((node) =>
    node.stage.instructions.flatMap((copy): readonly StageEdge[] => {
      const { range } = copy;
      if (copy.kind === 'RUN') return mountedStages(copy, graph).map((to) => ({ to, range }));
      if (copy.kind !== 'COPY' || copy.from === '') return [];
      const source = atInstruction(dockerfile, copy.range, () => findSourceBuildkit(copy.from, graph));
      return source.kind === 'stage' ? [{ to: source.index, range }] : [];
    }),
  );
}

/** Throws LL_PARSE where stages copy from each other in a circle, also when nothing needs them. */
export function checkCircles(
  dockerfile: Dockerfile,
  nodes: readonly StageNode[],
  edges: readonly (readonly StageEdge[])[],
): void {
  const done = new Set<number>();
  for (const node of nodes) {
    const closing = done.has(node.index) ? undefined : findCircle(node.index, edges, done);
    if (closing === undefined) continue;
    atInstruction(dockerfile, closing, () => {
      throw new LayerlabError('LL_PARSE', `circular dependency detected on stage: ${stageLabel(node)}`);
    });
  }
}

/** The place of the instruction that closes a circle reachable from `start`. The stack is explicit: files may be long. */
function findCircle(
  start: number,
  edges: readonly (readonly StageEdge[])[],
  done: Set<number>,
): SourceRange | undefined {
  const path = new Set([start]);
  const stack = [{ index: start, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const edge = edges[top.index]?.[top.next++];
    if (edge === undefined) {
      done.add(top.index);
      path.delete(top.index);
      stack.pop();
    } else if (path.has(edge.to)) {
      return edge.range;
    } else if (!done.has(edge.to)) {
      path.add(edge.to);
      stack.push({ index: edge.to, next: 0 });
    }
  }
  return undefined;
}
