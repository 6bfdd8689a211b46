import { availableParallelism } from 'node:os';
import type { Vertex } from '../../planner/vertices.ts';

/** Does the work of one vertex; what it needs is done. */
export type VertexWork<T> = (vertex: Vertex, signal: AbortSignal) => Promise<T>;

/** As many may always be worked on at once: with so few, nobody has to know how many processors there are. */
const FEWEST = 16;

/**
 * How many vertices are worked on at once. Commands wait for disks and networks, and BuildKit begins all that it can: a
 * handful of stages must not wait for each other's downloads; hundreds must not eat all memory.
 */
export function workers(): number {
  return Math.max(FEWEST, 4 * availableParallelism());
}

/**
 * Does the work of a graph: each vertex as soon as all that it needs is done, independent ones at the same time, at most
 * `limit` of them, `workers()` where that is not given. The first failure (or an abort of `options.signal`) stops all others; the
 * promise settles only when none runs any more, and rejects with that first failure. What a vertex gives does not depend on the order.
 */
export async function runVertices<T>(
  vertices: readonly Vertex[],
  work: VertexWork<T>,
  options: { readonly limit?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadonlyMap<string, T>> {
  const stop = new AbortController();
  const gate = openGate(options.limit);
  const results = new Map<string, T>();
  const running = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    // Without a reason: what is stopped by it has been cancelled, and has not failed itself.
    stop.abort();
  };
  const onAbort = (): void => fail(options.signal?.reason);
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const one = async (vertex: Vertex): Promise<void> => {
    const needs = vertex.below === undefined ? vertex.inputs : [vertex.below, ...vertex.inputs];
    await Promise.all(needs.map((id) => running.get(id)));
    if (failure !== undefined) return;
    const leave = await gate();
    try {
      // It may have had to wait at the gate while another failed.
      if (failure === undefined) results.set(vertex.id, await work(vertex, stop.signal));
    } catch (error) {
      fail(error);
    } finally {
      leave();
    }
  };
  for (const vertex of vertices) running.set(vertex.id, one(vertex));
  await Promise.all(running.values());
  options.signal?.removeEventListener('abort', onAbort);
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
  return results;
}

/**
 * Lets so many in at once, the others in the order in which they came; each calls what it was given when it leaves. The number of
 * processors is asked for only where it matters: that loads a module of Node.
 */
function openGate(given: number | undefined): () => Promise<() => void> {
  let limit = given ?? FEWEST;
  let isFinal = given !== undefined;
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  };
  return async () => {
    if (inside === limit && !isFinal) {
      limit = workers();
      isFinal = true;
    }
    if (inside < limit) inside += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}
