import { libcIsNear, rawCall } from './libc.ts';

/** Settings that have Node write something when it ends, which it does where it takes itself apart. */
const WATCHED = ['NODE_OPTIONS', 'NODE_V8_COVERAGE'];

/**
 * Ends this process with its exit code, as process.exit() does: listeners of `exit` are called. Before it ends a process, Node takes apart
 * what it has made, threads and a heap that nobody needs any more: 2 to 5 ms, which the C library's `_exit` leaves out where that is
 * loaded already.
 *
 * @param isPlain whether no stream of Node's own stands for stdin, stdout or stderr: a terminal is given back as it was by Node only
 */
export function endProcess(isPlain: boolean): void {
  const isWatched = process.execArgv.length > 0 || WATCHED.some((name) => process.env[name] !== undefined);
  if (!isPlain || isWatched || !libcIsNear(false)) process.exit();
  process.emit('exit', Number(process.exitCode ?? 0));
  rawCall('_exit', Number(process.exitCode ?? 0));
}
