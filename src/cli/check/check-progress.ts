import type { Output } from '../output.ts';
import { progressBar } from '../progress/tty.ts';
import { humanDuration, humanSize } from '../units.ts';

const REDRAW_MS = 100;

/** One line on the terminal with a bar and an estimate; nothing where there is no terminal. `done` takes it away. */
export function checkProgress(
  output: Output,
  now: () => number,
): { readonly update: (progress: { readonly current: number; readonly total: number }) => void; done(): void } {
  const started = now();
  let drawnAt = 0;
  return {
    update: ({ current, total }) => {
      const time = now();
      if (!output.isTTY || total <= 0 || time - drawnAt < REDRAW_MS) return;
      drawnAt = time;
      const share = Math.min(1, current / total);
      const left = share > 0.02 ? `  ${humanDuration(((time - started) * (1 - share)) / share)} left` : '';
      const text = `reading layers ${progressBar(share)} ${humanSize(current)}/${humanSize(total)}${left}`;
      output.write(`\r${text.slice(0, output.size().columns - 1)}\u001b[K`);
    },
    done: () => {
      if (drawnAt > 0) output.write('\r\u001b[K');
    },
  };
}
