import type { BuildEvent, VertexEvent } from '../../engine/build-event.ts';
import { harmlessText } from '../harmless-text.ts';
import type { Output } from '../output.ts';
import type { ProgressRenderer } from './renderer.ts';
import { statusLine } from './status-text.ts';
import { failureBlock, logSeconds, Trace, type TracedVertex, warningBlock } from './trace.ts';

// progressui/printer.go: what is shorter than a tick shows only its end; a status prints again after this much.
const TICK_MS = 150;
const STATUS_MS = 5000;
const STATUS_SHARE = 0.05;
// How long one vertex may hold the output while others have something to say.
const HOLD_MS = 5000;

interface Shown {
  /** Text that waits until the vertex may print; what begins a line gets the vertex's number in front. */
  readonly waiting: { readonly begins: boolean; readonly text: string | Buffer }[];
  /** Statuses that have changed since they were printed, and how they were printed last. */
  readonly changed: Set<string>;
  readonly printed: Map<string, { readonly current: number; readonly time: number }>;
  midLine: boolean;
}

/**
 * BuildKit's plain progress (util/progress/progressui/printer.go) as `docker build --progress plain` of Docker 28 prints
 * it: one vertex at a time holds the output, `#N ...` marks where it is left open.
 */
export class PlainProgress implements ProgressRenderer {
  readonly output: Output;
  readonly trace = new Trace();
  readonly warnings: string[] = [];
  private readonly shown = new Map<number, Shown>();
  private current: TracedVertex | undefined;
  private currentSince = 0;
  /** Vertices are numbered in the order in which they print, not in that of their start. */
  private readonly numbers = new Map<number, number>();

  constructor(output: Output) {
    this.output = output;
  }

  event(event: BuildEvent): void {
    if (event.kind === 'warning') this.warnings.push(event.text);
    else if (isVertexEvent(event)) this.vertexEvent(event);
  }

  finish(failed: boolean): void {
    for (const vertex of this.trace.vertices.values()) {
      if (vertex.ended === undefined) this.settleStatuses(vertex, Number.POSITIVE_INFINITY);
      if (this.shownOf(vertex).waiting.length > 0) this.show(vertex, vertex.started);
    }
    if (this.current !== undefined) this.endLine(this.current);
    if (failed) this.print(failureBlock(this.trace));
    this.print(warningBlock(this.warnings));
  }

  private vertexEvent(event: VertexEvent): void {
    const vertex = this.trace.take(event);
    if (vertex === undefined) return;
    if (event.kind === 'vertex-status') {
      this.shownOf(vertex).changed.add(event.name);
      this.settleStatuses(vertex, event.time);
    } else if (event.kind === 'vertex-log') {
      this.settleStatuses(vertex, Number.POSITIVE_INFINITY);
      this.addLog(vertex, event.data, event.time);
    } else if (event.kind === 'vertex-end') {
      this.settleStatuses(vertex, Number.POSITIVE_INFINITY);
      this.endLine(vertex);
      this.shownOf(vertex).waiting.push({ begins: true, text: `${endText(vertex)}\n` });
    }
    this.arrange(vertex, event.time);
  }

  /** Decides who prints now. */
  private arrange(vertex: TracedVertex, time: number): void {
    const { current } = this;
    if (current === undefined || current === vertex || vertex.ended !== undefined) this.show(vertex, time);
    else if (this.shownOf(vertex).waiting.length > 0 && time - this.currentSince > HOLD_MS) this.show(vertex, time);
    if (this.current !== undefined) return;
    for (const other of this.trace.vertices.values()) {
      if (other.ended === undefined) {
        this.show(other, time);
        return;
      }
    }
  }

  private show(vertex: TracedVertex, time: number): void {
    if (this.current !== vertex) {
      if (this.current !== undefined) {
        this.endLine(this.current);
        this.flush(this.current);
        this.print(`#${this.numberOf(this.current)} ...\n`);
      }
      const first = this.numbers.size === 0;
      this.print(`${first ? '' : '\n'}#${this.numberOf(vertex)} ${oneLine(vertex.name)}\n`);
      this.current = vertex;
      this.currentSince = time;
    }
    this.flush(vertex);
    if (vertex.ended !== undefined) this.current = undefined;
  }

  private flush(vertex: TracedVertex): void {
    for (const { begins, text } of this.shownOf(vertex).waiting.splice(0)) {
      if (begins) this.print(`#${this.numberOf(vertex)} `);
      this.print(text);
    }
  }

  /** Queues the lines of statuses whose time has come: ended, shown first after a tick, or well ahead of the last line. */
  private settleStatuses(vertex: TracedVertex, time: number): void {
    const shown = this.shownOf(vertex);
    for (const name of shown.changed) {
      const status = vertex.statuses.get(name);
      if (status === undefined) continue;
      const last = shown.printed.get(name);
      if (!status.done && Number.isFinite(time)) {
        const share = status.total > 0 ? (status.current - (last?.current ?? 0)) / status.total : 0;
        const worth =
          last === undefined ? time - status.started > TICK_MS : share >= STATUS_SHARE || time - last.time >= STATUS_MS;
        if (!worth) continue;
      }
      shown.changed.delete(name);
      shown.printed.set(name, { current: status.current, time: status.time });
      this.endLine(vertex);
      shown.waiting.push({ begins: true, text: `${oneLine(statusLine(status))}\n` });
    }
  }

  private addLog(vertex: TracedVertex, data: Buffer, time: number): void {
    const shown = this.shownOf(vertex);
    const prefix = `${logSeconds(time - vertex.started)} `;
    let at = 0;
    while (at < data.length) {
      const newline = data.indexOf(0x0a, at);
      const end = newline < 0 ? data.length : newline + 1;
      if (!shown.midLine) shown.waiting.push({ begins: true, text: prefix });
      shown.waiting.push({ begins: false, text: data.subarray(at, end) });
      shown.midLine = newline < 0;
      at = end;
    }
  }

  private endLine(vertex: TracedVertex): void {
    const shown = this.shownOf(vertex);
    if (!shown.midLine) return;
    shown.midLine = false;
    shown.waiting.push({ begins: false, text: '\n' });
    if (this.current === vertex) this.flush(vertex);
  }

  private numberOf(vertex: TracedVertex): number {
    const number = this.numbers.get(vertex.id) ?? this.numbers.size + 1;
    this.numbers.set(vertex.id, number);
    return number;
  }

  private shownOf(vertex: TracedVertex): Shown {
    let shown = this.shown.get(vertex.id);
    if (shown === undefined) {
      shown = { waiting: [], changed: new Set(), printed: new Map(), midLine: false };
      this.shown.set(vertex.id, shown);
    }
    return shown;
  }

  private print(text: string | Buffer): void {
    if (text.length === 0) return;
    this.output.write(this.output.isTTY ? harmlessText(text.toString().replace(/\r\n/g, '\n')) : text);
  }
}

function endText(vertex: TracedVertex): string {
  switch (vertex.outcome) {
    case 'cached':
      return `CACHED`;
    case 'cancelled':
      return `CANCELED`;
    case 'error':
      return `ERROR: ${vertex.error}`;
    default:
      return `DONE ${(((vertex.ended ?? vertex.started) - vertex.started) / 1000).toFixed(1)}s`;
  }
}

/** Whether an event is of BuildKit's story. */
export function isVertexEvent(event: BuildEvent): event is VertexEvent {
  return event.kind.startsWith('vertex-');
}

function oneLine(text: string): string {
  return text.replace(/\n/g, ' ');
}
