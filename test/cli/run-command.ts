import { PassThrough } from 'node:stream';
import { engine } from '../../src/cli/engine.ts';
import { main } from '../../src/cli/main.ts';
import { fakeOutput } from './fake-output.ts';

export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Carries out a command line on a data-root, with the true engine. */
export async function runCommand(
  dataRoot: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  columns = 120,
): Promise<CommandRun> {
  const [stdout, stderr] = [fakeOutput(false, columns), fakeOutput()];
  const code = await main(argv, {
    engine,
    stdout,
    stderr,
    stdoutStream: () => new PassThrough(),
    stdinIsTTY: true,
    readStdin: async () => Buffer.alloc(0),
    env: { LAYERLAB_DATA_ROOT: dataRoot, ...env },
    now: () => 0,
    catchSignals: () => new AbortController().signal,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}
