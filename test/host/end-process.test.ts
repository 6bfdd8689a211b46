import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleProgram, type Program } from '../store/child-process.ts';

/** Says who ends it: `process.reallyExit` is what Node's own process.exit() calls at last. */
const PROGRAM = `
import { writeSync } from 'node:fs';
import { endProcess } from '@/host/end-process.ts';
import { hasKernelLocks } from '@/store/file-lock.ts';
const [code, ...words] = process.argv.slice(2);
delete process.env.NODE_OPTIONS;
const { reallyExit } = process;
process.reallyExit = (code) => {
  writeSync(1, 'taken apart\\n');
  reallyExit.call(process, code);
};
process.on('exit', (code) => writeSync(1, 'exit ' + code + '\\n'));
if (words.includes('libc')) hasKernelLocks();
if (words.includes('covered')) process.env.NODE_V8_COVERAGE = '/nowhere';
process.exitCode = Number(code);
setInterval(() => {}, 1000);
endProcess(!words.includes('stream'));
`;

describe('the end of a process', () => {
  let program: Program;
  beforeAll(() => {
    program = bundleProgram(PROGRAM);
  });
  afterAll(() => program.remove());
  const end = (...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> =>
    new Promise((resolve) => {
      const child: ChildProcess = program.start(...args);
      let said = '';
      child.stdout?.on('data', (data) => {
        said += data;
      });
      child.on('close', (code) => resolve({ code, said }));
    });

  it.each(['0', '1', '137'])('has exit code %s, and is told to who listens', async (code) => {
    expect(await end(code, 'libc')).toEqual({ code: Number(code), said: `exit ${code}\n` });
  });

  it.each([
    ['where the C library is not there', []],
    ['where a stream of its own may have to give a terminal back', ['libc', 'stream']],
    ['where it has to write down what was covered', ['libc', 'covered']],
  ])("is Node's own %s", async (_, words) => {
    expect(await end('3', ...words)).toEqual({ code: 3, said: 'exit 3\ntaken apart\n' });
  });
});
