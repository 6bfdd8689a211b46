import type { BuildEvent } from '../../engine/build-event.ts';
import type { Output } from '../output.ts';
import { isVertexEvent } from './plain.ts';
import type { ProgressRenderer } from './renderer.ts';
import { Trace, type TracedVertex } from './trace.ts';

/** One line of BuildKit's `client.SolveStatus` as JSON for each event (progressui rawJSONDisplay). */
export class RawJsonProgress implements ProgressRenderer {
  readonly output: Output;
  private readonly trace = new Trace();

  constructor(output: Output) {
    this.output = output;
  }

  event(event: BuildEvent): void {
    if (!isVertexEvent(event)) return;
    const vertex = this.trace.take(event);
    if (vertex === undefined) return;
    const digest = digestOf(vertex);
    if (event.kind === 'vertex-status') {
      const status = vertex.statuses.get(event.name);
      const started = status?.started ?? event.time;
      this.print('statuses', {
        id: event.name,
        vertex: digest,
        ...(event.total === 0 ? {} : { total: event.total }),
        current: event.current,
        timestamp: timeText(event.time),
        started: timeText(started),
        ...(event.done ? { completed: timeText(event.time) } : {}),
      });
    } else if (event.kind === 'vertex-log') {
      this.print('logs', {
        vertex: digest,
        stream: event.stream,
        data: event.data.toString('base64'),
        timestamp: timeText(event.time),
      });
    } else {
      this.print('vertexes', vertexJson(vertex, digest));
    }
  }

  finish(): void {}

  private print(key: string, value: object): void {
    this.output.write(`${JSON.stringify({ [key]: [value] })}\n`);
  }
}

function vertexJson(vertex: TracedVertex, digest: string): object {
  return {
    digest,
    name: vertex.name,
    started: timeText(vertex.started),
    ...(vertex.ended === undefined ? {} : { completed: timeText(vertex.ended) }),
    ...(vertex.outcome === 'cached' ? { cached: true } : {}),
    ...(vertex.outcome === 'error' ? { error: vertex.error } : {}),
    ...(vertex.outcome === 'cancelled' ? { error: 'context canceled' } : {}),
  };
}

// Readers of the format tell vertices apart by digest: ours have numbers, which take the form of one.
function digestOf(vertex: TracedVertex): string {
  return `sha256:${vertex.id.toString(16).padStart(64, '0')}`;
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
