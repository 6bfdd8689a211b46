import type { Output } from '../output.ts';
import { humanSize } from '../units.ts';
import { progressBar } from './tty.ts';

const REDRAW_MS = 100;

/** How far a transfer is. Bytes; a total of 0 is not known. */
export interface ByteCount {
  readonly layer?: string;
  readonly current: number;
  readonly total: number;
}

/** One line on a terminal that shows a transfer and is gone when it ends; nothing where there is no terminal. */
export function byteProgress(
  output: Output,
  what: string,
): { readonly update: (count: ByteCount) => void; readonly finish: () => void } {
  let drawnAt = 0;
  return {
    update: ({ layer, current, total }) => {
      const now = Date.now();
      if (!output.isTTY || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      const name = layer === undefined ? what : `${what} ${layer.replace(/^sha256:/, '').slice(0, 12)}`;
      const amount = total > 0 ? `${humanSize(current)}/${humanSize(total)}` : humanSize(current);
      const bar = total > 0 ? `${progressBar(current / total)} ` : '';
      output.write(`\r${`${name} ${bar}${amount}`.slice(0, output.size().columns - 1)}\u001b[K`);
    },
    finish: () => {
      if (drawnAt > 0) output.write('\r\u001b[K');
    },
  };
}
