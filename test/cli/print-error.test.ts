import { describe, expect, it } from '@jest/globals';
import { printError } from '../../src/cli/print-error.ts';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { fakeOutput } from './fake-output.ts';

function print(error: unknown, options = { debug: false, tty: false }): { code: number; text: string } {
  const output = fakeOutput(options.tty);
  return { code: printError(error, output, options), text: output.text() };
}

const source = 'FROM bb\nENV A=1\nRUN echo before; \\\n    exit 7\nCMD x\n';

describe('printError', () => {
  it('prints sentence, code and hint', () => {
    expect(print(new LayerlabError('LL_NOT_FOUND', 'No such image: x', { hint: 'Look at layerlab images.' }))).toEqual({
      code: 5,
      text: 'ERROR: No such image: x\n  code: LL_NOT_FOUND\n  hint: Look at layerlab images.\n',
    });
  });

  it('shows the lines of the Dockerfile around the place as BuildKit does', () => {
    const location = { file: 'Dockerfile', startLine: 3, endLine: 4, source };
    expect(print(new LayerlabError('LL_RUN_FAILED', 'failed to solve: no', { location })).text).toBe(
      `Dockerfile:3
--------------------
   2 |     ENV A=1
   3 | >>> RUN echo before; \\
   4 | >>>     exit 7
   5 |     CMD x
--------------------
ERROR: failed to solve: no
  code: LL_RUN_FAILED
`,
    );
  });

  it('underlines the columns where they are known', () => {
    const location = {
      file: 'D',
      startLine: 1,
      endLine: 1,
      startColumn: 5,
      endColumn: 7,
      source: 'FROM bb\n\tRUNN x\n',
    };
    expect(print(new LayerlabError('LL_PARSE', 'x', { location })).text).toBe(
      'D:1\n--------------------\n   1 | >>> FROM bb\n     |          ^^\n   2 |     \tRUNN x\n   3 |     \n' +
        '--------------------\nERROR: x\n  code: LL_PARSE\n',
    );
  });

  it('keeps to the text where a location lies outside of it', () => {
    const location = { file: 'D', startLine: 9, endLine: 9, source: 'FROM bb\n' };
    expect(print(new LayerlabError('LL_PARSE', 'x', { location })).text).toBe('ERROR: x\n  code: LL_PARSE\n');
  });

  it('takes the exit code that an error brings', () => {
    expect(print(new LayerlabError('LL_RUN_FAILED', 'x', { exitCode: 7 })).code).toBe(7);
  });

  it('gives a failed system call its code of the catalogue', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(print(full)).toMatchObject({ code: 8, text: expect.stringContaining('LL_NO_SPACE') });
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    expect(print(denied)).toMatchObject({ code: 6, text: expect.stringContaining('LL_NO_RIGHT') });
  });

  it('says one sentence of a defect, the stack only with --debug', () => {
    const defect = new TypeError('x is not a function\nsecond line');
    const brief = print(defect).text;
    expect(brief).toMatch(/^ERROR: an internal error: x is not a function\n {2}code: LL_IO\n {2}hint: .*--debug.*\n$/);
    expect(print(defect, { debug: true, tty: false }).text).toContain('print-error.test.ts');
  });

  it('prints no control characters on a terminal', () => {
    const text = print(new LayerlabError('LL_NOT_FOUND', 'No such image: \u001b[2J'), { debug: false, tty: true }).text;
    expect(text).toContain('No such image: ^[[2J');
  });
});
