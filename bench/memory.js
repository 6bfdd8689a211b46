import { readdirSync, readFileSync } from 'node:fs';

const MIB_OF_KB = 1 / 1024;

/**
 * The resident memory in MiB of a process and everything it started, added up; what processes share counts in each of them.
 * 0 where there is no /proc.
 */
export function treeMemory(root) {
  let sum = 0;
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    sum += statusOf(pid, 'VmRSS');
    waiting.push(...childrenOf(pid));
  }
  return sum;
}

/** The most that one process has held so far, MiB: exact, whatever happened between two looks. */
export function ownPeak(pid) {
  return statusOf(pid, 'VmHWM');
}

function statusOf(pid, field) {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(`/proc/${pid}/status`));
  return found === null ? 0 : Number(found[1]) * MIB_OF_KB;
}

/** Every thread has children of its own. */
function childrenOf(pid) {
  let threads;
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

/** A process may end between two reads. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
