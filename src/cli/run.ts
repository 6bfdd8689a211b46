import { isatty } from 'node:tty';
import { engine } from './engine.ts';
import { main } from './main.ts';
import { streamOutput } from './output.ts';

/** How long a build that was told to stop may take to clean up. */
const GRACE_MS = 10_000;

/** Runs the command line of this process and sets its exit code. A reader that went away (EPIPE) ends it quietly. */
export async function run(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  const code = await main(argv, {
    engine,
    stdout: streamOutput(process.stdout),
    stderr: streamOutput(process.stderr),
    stdoutStream: () => process.stdout,
    // process.stdin costs some milliseconds when it is first touched.
    stdinIsTTY: isatty(0),
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
