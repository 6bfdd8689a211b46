import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** What the kernel does aside, as to write back what was written a moment ago, runs for a part of a millisecond. */
const LOOKS = 4;
const PAUSE_MS = 0.4;

/**
 * How many processors have nothing to do right now but for this process: threads that have to wait for one make work longer, not
 * shorter. This thread's own is not counted. A guess, from what the system says of itself; where that is less than `enough`, it is
 * asked again, for a millisecond or two, and the most counts.
 */
export function idleProcessors(enough: number, look: (enough: number) => number = lookOnce): number {
  let most = look(enough);
  for (let looks = 1; looks < LOOKS && most < enough; looks++) {
    Atomics.wait(nobody, 0, 0, PAUSE_MS);
    most = Math.max(most, look(enough));
  }
  return most;
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

function lookOnce(enough: number): number {
  const all = availableParallelism();
  return Math.max(0, all - Math.max(1, running(all - enough)));
}

/** Threads of others that run or could, and this one. Where all together are no more than `few`, all of them. */
function running(few: number): number {
  try {
    // As `0.52 0.58 0.59 3/457 18523`: three of 457 threads can run.
    const found = /(\d+)\/\d+ \d+\s*$/.exec(readFileSync('/proc/loadavg', 'latin1'));
    const all = Number(found?.[1]);
    if (found !== null) return all <= few ? all : all - Math.max(0, ownRunning() - 1);
  } catch {
    // No Linux.
  }
  return Math.round(loadavg()[0] ?? 0) + 1;
}

/** Threads of this process that run or could: V8 compiles and collects garbage in some, for moments only. */
function ownRunning(): number {
  return readdirSync('/proc/self/task').filter(isRunning).length;
}

function isRunning(thread: string): boolean {
  try {
    // As `1234 (node) R 1 …`; the name may hold anything.
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    return stat.startsWith(' R', stat.lastIndexOf(')') + 1);
  } catch {
    return false;
  }
}
