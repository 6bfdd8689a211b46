import type { BuildEvent } from '../../engine/build-event.ts';
import { harmlessText } from '../harmless-text.ts';
import type { Output } from '../output.ts';
import { shortId } from '../short-id.ts';
import { humanSize } from '../units.ts';
import type { ProgressRenderer } from './renderer.ts';

const RED = '\u001b[91m';
const RESET = '\u001b[0m';

/**
 * The classic builder's story as docker's client prints it, on stdout. What a RUN writes on its stderr is red, as
 * docker has it, where there is a terminal that may have colours.
 */
export class ClassicProgress implements ProgressRenderer {
  readonly output: Output;
  private readonly colours: boolean;

  constructor(output: Output, options: { readonly colours: boolean }) {
    this.output = output;
    this.colours = options.colours;
  }

  event(event: BuildEvent): void {
    if (event.kind === 'downloading') this.download(event.bytes, event.total, event.done);
    else if (event.kind === 'output') this.print(event.data, event.stream === 2);
    else this.print(classicText(event), false);
  }

  finish(): void {}

  /** One line that moves, where there is a terminal. */
  private download(bytes: number, total: number, done: boolean): void {
    if (!this.output.isTTY) return;
    const size = total > 0 ? `${humanSize(bytes)}/${humanSize(total)}` : humanSize(bytes);
    this.output.write(`\rDownloading  ${size}\u001b[K${done ? '\n' : ''}`);
  }

  private print(data: string | Buffer, red: boolean): void {
    if (data.length === 0) return;
    if (!this.output.isTTY) {
      this.output.write(data);
      return;
    }
    const text = harmlessText(data.toString().replace(/\r\n/g, '\n'));
    this.output.write(red && this.colours ? RED + text + RESET : text);
  }
}

/** The line that docker prints for an event of the classic builder; empty for an event of BuildKit. */
export function classicText(event: BuildEvent): string {
  switch (event.kind) {
    case 'context-sent':
      return `Sending build context to Docker daemon  ${humanSize(event.bytes)}\r\r\n`;
    case 'step':
      return `Step ${event.index}/${event.total} : ${event.text}\n`;
    case 'using-cache':
      return ' ---> Using cache\n';
    case 'running':
      return ` ---> Running in ${event.container.slice(0, 12)}\n`;
    case 'removed':
      return ` ---> Removed intermediate container ${event.container.slice(0, 12)}\n`;
    case 'image':
      return ` ---> ${shortId(event.id)}\n`;
    case 'built':
      return `Successfully built ${shortId(event.id)}\n`;
    case 'tagged':
      return `Successfully tagged ${event.name}\n`;
    case 'warning':
      return `${event.text}\n`;
    default:
      return '';
  }
}
