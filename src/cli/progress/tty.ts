import type { BuildEvent } from '../../engine/build-event.ts';
import { harmlessText } from '../harmless-text.ts';
import type { Output } from '../output.ts';
import { textWidth } from '../text-width.ts';
import { isVertexEvent } from './plain.ts';
import type { ProgressRenderer } from './renderer.ts';
import { statusAmount } from './status-text.ts';
import { failureBlock, Trace, type TracedStatus, type TracedVertex, warningBlock } from './trace.ts';

const REDRAW_MS = 100;
const LOG_LINES = 6;
const BAR_WIDTH = 20;
const BLUE = '\u001b[34m';
const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const FAINT = '\u001b[2m';
const RESET = '\u001b[0m';

/**
 * BuildKit's progress for a terminal (util/progress/progressui/display.go): a region at the bottom that is drawn again
 * and again, one line a vertex and status, the last log lines of what runs. Bars where the total is known are ours.
 */
export class TtyProgress implements ProgressRenderer {
  readonly output: Output;
  readonly trace = new Trace();
  readonly warnings: string[] = [];
  private readonly colours: boolean;
  private readonly now: () => number;
  private readonly began: number;
  private drawnLines = 0;
  private drawnAt = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(output: Output, options: { readonly colours: boolean; readonly now: () => number }) {
    this.output = output;
    this.colours = options.colours;
    this.now = options.now;
    this.began = this.now();
    this.timer = setInterval(() => this.draw(false), REDRAW_MS);
    this.timer.unref();
  }

  event(event: BuildEvent): void {
    if (event.kind === 'warning') this.warnings.push(event.text);
    if (!isVertexEvent(event)) return;
    this.trace.take(event);
    // While the engine works without a pause no timer fires: the events themselves keep the picture fresh.
    if (this.now() - this.drawnAt >= REDRAW_MS) this.draw(false);
  }

  finish(failed: boolean): void {
    clearInterval(this.timer);
    this.draw(true);
    const rest = (failed ? failureBlock(this.trace) : '') + warningBlock(this.warnings);
    if (rest !== '') this.output.write(harmlessText(rest));
  }

  private draw(last: boolean): void {
    this.drawnAt = this.now();
    const { columns, rows } = this.output.size();
    const lines = this.lines(columns, last);
    const room = last ? lines.length : Math.max(1, rows - 2);
    const kept = lines.slice(Math.max(0, lines.length - room));
    const head = this.head(last, columns);
    const up = this.drawnLines === 0 ? '' : `\u001b[${this.drawnLines}A`;
    // Each line clears what was there; the last clears everything below.
    const text = [head, ...kept].map((line) => `${line}\u001b[K\n`).join('');
    this.output.write(`\u001b[?25l${up}\r${text}\u001b[J\u001b[?25h`);
    this.drawnLines = kept.length + 1;
  }

  private head(last: boolean, columns: number): string {
    const vertices = [...this.trace.vertices.values()];
    const completed = vertices.filter((vertex) => vertex.ended !== undefined).length;
    const finished = last && completed > 0 && completed === vertices.length ? ' FINISHED' : '';
    const seconds = ((this.now() - this.began) / 1000).toFixed(1);
    return cut(`[+] Building ${seconds}s (${completed}/${vertices.length})${finished}`, columns - 1);
  }

  private lines(columns: number, last: boolean): readonly string[] {
    const out: string[] = [];
    for (const vertex of this.trace.vertices.values()) {
      out.push(this.vertexLine(vertex, columns));
      for (const status of vertex.statuses.values()) {
        out.push(this.statusLine(status, columns, last || vertex.ended !== undefined));
      }
      if (vertex.ended === undefined && !last) {
        for (const line of vertex.tail.slice(-LOG_LINES)) {
          const text = line.slice(line.indexOf(' ') + 1).replace(/\t/g, ' ');
          out.push(this.paint(FAINT, cut(` => => # ${harmlessText(text)}`, columns - 1)));
        }
      }
    }
    return out;
  }

  private vertexLine(vertex: TracedVertex, columns: number): string {
    const marks = { cached: 'CACHED ', error: 'ERROR ', cancelled: 'CANCELED ', done: '' } as const;
    const mark = vertex.outcome === undefined ? '' : marks[vertex.outcome];
    const name = mark + harmlessText(vertex.name).replace(/[\t\n]/g, ' ');
    const line = withTime(` => ${name}`, (vertex.ended ?? this.now()) - vertex.started, columns);
    if (vertex.outcome === undefined) return line;
    return this.paint(vertex.outcome === 'error' ? RED : vertex.outcome === 'cancelled' ? YELLOW : BLUE, line);
  }

  private statusLine(status: TracedStatus, columns: number, over: boolean): string {
    const running = !status.done && !over;
    const bar = running && status.total > 0 ? ` ${progressBar(status.current / status.total)}` : '';
    const amount = statusAmount(status);
    const text = ` => => ${harmlessText(status.name)}${bar}${amount === '' ? '' : ` ${amount}`}`;
    const line = withTime(text, (running ? this.now() : status.time) - status.started, columns);
    return running ? line : this.paint(BLUE, line);
  }

  private paint(colour: string, text: string): string {
    return this.colours ? colour + text + RESET : text;
  }
}

/** `[=====>    ]` for a share between 0 and 1. */
export function progressBar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  const head = full > 0 && full < BAR_WIDTH ? '>' : '';
  return `[${'='.repeat(full - head.length)}${head}${' '.repeat(BAR_WIDTH - full)}]`;
}

function withTime(text: string, milliseconds: number, columns: number): string {
  const seconds = milliseconds < 50 ? 0 : milliseconds / 1000;
  const time = ` ${seconds.toFixed(1)}s`;
  const left = cut(text, Math.max(1, columns - 1 - time.length));
  return left + ' '.repeat(Math.max(0, columns - 1 - time.length - textWidth(left))) + time;
}

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const character of text) {
    used += textWidth(character);
    if (used > width) break;
    out += character;
  }
  return out;
}
