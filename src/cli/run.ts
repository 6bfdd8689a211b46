import { endProcess } from '../host/end-process.ts';
import { waysTaken } from '../host/ways-taken.ts';
import { engine } from './engine.ts';
import { main } from './main.ts';
import { mayBeTerminal, standardOutput } from './standard-output.ts';

/** For the launcher, which keeps the program's compiled form. */
export { waysTaken };

/** How long a build that was told to stop may take to clean up. */
const GRACE_MS = 10_000;

/** Runs the command line of this process and sets its exit code. A reader that went away (EPIPE) ends it quietly. */
export async function run(argv: readonly string[]): Promise<void> {
  const code = await main(argv, {
    engine,
    stdout: standardOutput(1, stdout),
    stderr: standardOutput(2, stderr),
    stdoutStream: stdout,
    // Each of Node's three streams costs some milliseconds when it is first touched.
    stdinIsTTY: mayBeTerminal(0) && (await import('node:tty')).isatty(0),
    readStdin,
    stdinChunks: () => {
      stdinIsOpen = true;
      return process.stdin;
    },
    env: process.env,
    now: Date.now,
    catchSignals,
  });
  // Whoever writes to it need not be done.
  if (stdinIsOpen) process.stdin.destroy();
  // A build that ended well before it heard of the signal has ended well.
  process.exitCode = code === 0 ? 0 : (exitBySignal ?? code);
  // Where Node would end by itself now, it would first take all of its heap apart. What failed to be written is heard of before that.
  setImmediate(() => {
    if (process.getActiveResourcesInfo().length === 0) endProcess(!stdout.isMade() && !stderr.isMade() && !stdinIsOpen);
  });
}

const stdout = once(() => watched(process.stdout));
const stderr = once(() => watched(process.stderr));

function watched(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

interface Once<T> {
  (): T;
  isMade(): boolean;
}

function once<T>(make: () => T): Once<T> {
  let made: { readonly value: T } | undefined;
  const get = (): T => {
    made ??= { value: make() };
    return made.value;
  };
  return Object.assign(get, { isMade: () => made !== undefined });
}

let exitBySignal: number | undefined;
let stdinIsOpen = false;

// A second signal, or too long a wait, ends the process at once: every write to a data-root bears being cut off.
function catchSignals(): AbortSignal {
  const abort = new AbortController();
  const onSignal = (code: number) => () => {
    if (exitBySignal !== undefined) process.exit(exitBySignal);
    exitBySignal = code;
    setTimeout(() => process.exit(code), GRACE_MS).unref();
    abort.abort();
  };
  process.on('SIGINT', onSignal(130));
  process.on('SIGTERM', onSignal(143));
  return abort.signal;
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
