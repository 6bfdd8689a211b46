import { describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { parseDockerfile } from '../../src/parser/parse-dockerfile.ts';
import { sharpenLocation } from '../../src/parser/sharpen-location.ts';

function failure(text: string): LayerlabError {
  try {
    parseDockerfile(text);
  } catch (error) {
    if (error instanceof LayerlabError) return error;
  }
  throw new Error('nothing failed');
}

describe('sharpenLocation', () => {
  it.each([
    ['FROM a\nFOO bar\n', 2, 0, 3],
    ['FROM a AS 1a\n', 1, 10, 12],
    ['FROM a\nEXPOSE 80\nCMD [1]\nNOPE\n', 3, 4, 7],
    ['FROM a\nCOPY --chwn=1 b c\n', 2, 5, 13],
    ['FROM a\nENV \\\n  a=b c\n', 3, 6, 7],
  ])('finds the word in %j', async (text, line, start, end) => {
    const { location } = await sharpenLocation(failure(text));
    expect(location).toMatchObject({ startLine: line, startColumn: start, endColumn: end });
  });

  it('keeps message, code and hint', async () => {
    const before = failure('FROM a\nFOO bar\n');
    const after = await sharpenLocation(before);
    expect({ ...after.toJSON(), location: 0 }).toEqual({ ...before.toJSON(), location: 0 });
  });

  it('leaves an error without a place alone', async () => {
    const error = new LayerlabError('LL_IO', 'no place');
    expect(await sharpenLocation(error)).toBe(error);
  });
});
