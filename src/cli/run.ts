import { isatty } from 'node:tty';
import { engine } from './engine.ts';
import { main } from './main.ts';
import { streamOutput } from './output.ts';

/**
 * Runs the command line of this process and sets its exit code. SIGINT and SIGTERM abort the engine's work, which then
 * cleans up; a second one ends the process at once. A reader that went away (EPIPE) ends it quietly.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const abort = new AbortController();
  let exitBySignal: number | undefined;
  const onSignal = (code: number) => () => {
    if (exitBySignal !== undefined) process.exit(exitBySignal);
    exitBySignal = code;
    abort.abort();
  };
  process.on('SIGINT', onSignal(130));
  process.on('SIGTERM', onSignal(143));
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
    env: process.env,
    now: Date.now,
    signal: abort.signal,
  });
  process.exitCode = exitBySignal ?? code;
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
