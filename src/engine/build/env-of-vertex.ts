import type { BuildEnv } from '../../executor/build-env.ts';
import type { AheadRuns, NextRun } from '../../executor/steps/ahead-runs.ts';
import type { Vertex, VertexGraph } from '../../planner/vertices.ts';

/** Steps run at the same time: each has a scratch folder of its own, and the cache or not. */
function ownEnv(env: BuildEnv, vertex: Vertex, signal: AbortSignal): BuildEnv {
  return {
    ...env,
    scratch: `${env.scratch}/${vertex.id.slice(0, 32)}`,
    noCache: env.noCache || vertex.noCache,
    signal,
  };
}

/**
 * What a vertex works with. Its command may be begun before it, while the layer below is recorded, and it may begin the one
 * that stands on it.
 */
export function envOfVertex(
  env: BuildEnv,
  vertex: Vertex,
  signal: AbortSignal,
  graph: VertexGraph,
  runs: AheadRuns,
): BuildEnv {
  const next = (): NextRun | undefined => {
    const child = graph.vertices.find((one) => one.below === vertex.id && mayRunAhead(env, one));
    if (child?.work.kind !== 'step' || child.work.step.action.kind !== 'run') return undefined;
    return { id: child.id, env: ownEnv(env, child, signal), action: child.work.step.action };
  };
  return { ...ownEnv(env, vertex, signal), ahead: { runs, id: vertex.id, next } };
}

/** Nothing but its own files may be mounted for it, and the cache, which goes by the layer below, may not know it. */
function mayRunAhead(env: BuildEnv, { work, inputs, noCache }: Vertex): boolean {
  if (work.kind !== 'step' || work.step.action.kind !== 'run' || env.readsHeaders) return false;
  return (env.noCache || noCache) && inputs.length === 0 && (work.step.action.mounts ?? []).length === 0;
}
