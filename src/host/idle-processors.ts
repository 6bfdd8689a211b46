import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/**
 * How many processors have nothing to do right now, this thread's own not counted: threads that have to wait for one make work
 * longer, not shorter. A guess, from what the system says of itself.
 */
export function idleProcessors(): number {
  return Math.max(0, availableParallelism() - Math.max(1, running()));
}

/** Threads that run or could, this one among them. */
function running(): number {
  try {
    // As `0.52 0.58 0.59 3/457 18523`: three of 457 threads can run.
    const found = /(\d+)\/\d+ \d+\s*$/.exec(readFileSync('/proc/loadavg', 'latin1'));
    if (found !== null) return Number(found[1]);
  } catch {
    // No Linux.
  }
  return Math.round(loadavg()[0] ?? 0) + 1;
}
