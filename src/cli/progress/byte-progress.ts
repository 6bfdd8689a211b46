import type { Output } from '../output.ts';
import { humanSize } from '../units.ts';
import { progressBar } from './tty.ts';

const REDRAW_MS = 100;

/** How far a transfer is. Bytes; a total of 0 is not known. */
export interface ByteCount {
  /** The diff_id or name of the layer it is about. */
  readonly layer?: string;
  readonly current: number;
  readonly total: number;
}

/**
 * Does a piece of work with one line on the terminal that shows how far it is, gone when the work ends, well or not;
 * nothing shows where there is no terminal.
 */
export async function withByteProgress<T>(
  output: Output,
  what: string,
  work: (update: (count: ByteCount) => void) => Promise<T>,
): Promise<T> {
  let drawnAt = 0;
  const update = (count: ByteCount) => {
    const now = Date.now();
    if (!output.isTTY || now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    output.write(`\r${progressText(what, count).slice(0, output.size().columns - 1)}\u001b[K`);
  };
  try {
    return await work(update);
  } finally {
    if (drawnAt > 0) output.write('\r\u001b[K');
  }
}

function progressText(what: string, { layer, current, total }: ByteCount): string {
  const name = layer === undefined ? what : `${what} ${layer.replace(/^sha256:/, '').slice(0, 12)}`;
  if (total <= 0) return `${name} ${humanSize(current)}`;
  return `${name} ${progressBar(current / total)} ${humanSize(current)}/${humanSize(total)}`;
}
