import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { StepReporter } from '../../executor/build-env.ts';
import type { BuildEvent } from '../build-event.ts';

/** A piece of BuildKit's progress: starts when it is made, ends once. */
export interface Vertex extends StepReporter {
  done(outcome?: 'done' | 'cached'): void;
}

/** Numbers vertices and stamps events with the time. */
export interface VertexLog {
  start(name: string): Vertex;
  /** Runs some work as a vertex of its own; a failure ends it with its message. */
  run<T>(name: string, work: (vertex: Vertex) => Promise<T> | T): Promise<T>;
}

export function openVertexLog(onEvent: ((event: BuildEvent) => void) | undefined): VertexLog {
  let last = 0;
  const emit = (event: BuildEvent): void => onEvent?.(event);
  const start = (name: string): Vertex & { fail(error: unknown): void } => {
    last += 1;
    const id = last;
    let open = true;
    emit({ kind: 'vertex-start', id, name, time: Date.now() });
    return {
      output: (stream, data) => emit({ kind: 'vertex-log', id, stream, data, time: Date.now() }),
      status: (text, current, total, done) =>
        emit({ kind: 'vertex-status', id, name: text, current, total, time: Date.now(), done }),
      done: (outcome = 'done') => {
        if (open) emit({ kind: 'vertex-end', id, time: Date.now(), outcome });
        open = false;
      },
      fail: (error) => {
        if (!open) return;
        open = false;
        if (isInterruption(error)) {
          emit({ kind: 'vertex-end', id, time: Date.now(), outcome: 'cancelled' });
          return;
        }
        const text = error instanceof Error ? error.message : String(error);
        emit({ kind: 'vertex-end', id, time: Date.now(), outcome: 'error', error: text });
      },
    };
  };
  return {
    start,
    run: async (name, work) => {
      const vertex = start(name);
      try {
        const result = await work(vertex);
        vertex.done();
        return result;
      } catch (error) {
        vertex.fail(error);
        throw error;
      }
    },
  };
}

function isInterruption(error: unknown): boolean {
  return error instanceof LayerlabError ? error.code === 'LL_INTERRUPTED' : (error as Error).name === 'AbortError';
}
