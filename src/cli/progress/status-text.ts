import { progressSize } from '../units.ts';
import type { TracedStatus } from './trace.ts';

/** How much of a status is done: ` 1.20MB / 5.00MB`, ` 35B`, or nothing. */
export function statusAmount(status: TracedStatus): string {
  if (status.total !== 0) return `${progressSize(status.current)} / ${progressSize(status.total)}`;
  return status.current === 0 ? '' : progressSize(status.current);
}

/** A whole status line of plain progress: name, amount, time if it is worth telling, `done`. */
export function statusLine(status: TracedStatus): string {
  const amount = statusAmount(status);
  const seconds = (status.time - status.started) / 1000;
  return [
    status.name,
    ...(amount === '' ? [] : [amount]),
    ...(seconds > 0.01 ? [`${seconds.toFixed(1)}s`] : []),
    ...(status.done ? ['done'] : []),
  ].join(' ');
}
