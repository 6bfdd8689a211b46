import type { VertexEvent } from '../../engine/build-event.ts';

const KEPT_LINES = 10;
const KEPT_BYTES = 64 * 1024;

/** A line such as `transferring context: 35B done` under a vertex. Times in milliseconds since the epoch. */
export interface TracedStatus {
  readonly name: string;
  readonly started: number;
  current: number;
  total: number;
  time: number;
  done: boolean;
}

/** A vertex as its events have told of it so far. */
export interface TracedVertex {
  readonly id: number;
  readonly name: string;
  readonly started: number;
  ended: number | undefined;
  outcome: 'done' | 'cached' | 'error' | 'cancelled' | undefined;
  error: string;
  readonly statuses: Map<string, TracedStatus>;
  /** The last lines of its log, each behind its seconds; the last one may go on. */
  readonly tail: string[];
  partial: boolean;
}

/** The state of all vertices, fed by events. */
export class Trace {
  readonly vertices = new Map<number, TracedVertex>();

  /** Takes an event in and gives the vertex it is about; undefined for one that never started. */
  take(event: VertexEvent): TracedVertex | undefined {
    if (event.kind === 'vertex-start') return this.start(event.id, event.name, event.time);
    const vertex = this.vertices.get(event.id);
    if (vertex === undefined) return undefined;
    if (event.kind === 'vertex-status') {
      const status = vertex.statuses.get(event.name);
      const { current, total, time, done } = event;
      if (status === undefined) {
        vertex.statuses.set(event.name, { name: event.name, started: time, current, total, time, done });
      } else {
        Object.assign(status, { current, total, time, done });
      }
    } else if (event.kind === 'vertex-log') {
      keepLog(vertex, event.data, event.time);
    } else {
      vertex.ended = event.time;
      vertex.outcome = event.outcome;
      vertex.error = event.error ?? '';
    }
    return vertex;
  }

  private start(id: number, name: string, time: number): TracedVertex {
    const vertex: TracedVertex = {
      id,
      name,
      started: time,
      ended: undefined,
      outcome: undefined,
      error: '',
      statuses: new Map(),
      tail: [],
      partial: false,
    };
    this.vertices.set(id, vertex);
    return vertex;
  }
}

function keepLog(vertex: TracedVertex, data: Buffer, time: number): void {
  const lines = data
    .subarray(Math.max(0, data.length - KEPT_BYTES))
    .toString()
    .split('\n');
  const complete = lines.at(-1) === '';
  if (complete) lines.pop();
  for (const [index, line] of lines.entries()) {
    const last = vertex.tail.length - 1;
    if (index === 0 && vertex.partial && last >= 0)
      vertex.tail[last] = `${vertex.tail[last]}${line}`.slice(0, KEPT_BYTES);
    else vertex.tail.push(`${logSeconds(time - vertex.started)} ${line}`);
  }
  vertex.partial = !complete;
  vertex.tail.splice(0, vertex.tail.length - KEPT_LINES);
}

/** The time in front of a log line: the longer, the fewer decimals (`0.214`, `12.34`, `123.4`). */
export function logSeconds(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  return seconds.toFixed(seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}

/** The block that BuildKit's clients print for each vertex that failed, its last log lines in it. */
export function failureBlock(trace: Trace): string {
  let out = '';
  for (const vertex of trace.vertices.values()) {
    if (vertex.outcome !== 'error') continue;
    out += `------\n > ${vertex.name}:\n${vertex.tail.map((line) => `${line}\n`).join('')}------\n`;
  }
  return out;
}

/** What docker says of the warnings of a build, after it. */
export function warningBlock(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  const count = `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'} found`;
  return `\n ${count}:\n${warnings.map((text) => ` - ${text}\n`).join('')}`;
}
