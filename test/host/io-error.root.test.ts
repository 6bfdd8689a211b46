import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { errnoOf, ioError } from '../../src/host/io-error.ts';

function system(code: string): Error {
  return Object.assign(new Error(`${code}: said the disk`), { code });
}

describe('ioError', () => {
  it.each([
    ['ENOSPC', 'LL_NO_SPACE'],
    ['EDQUOT', 'LL_NO_SPACE'],
    ['EACCES', 'LL_NO_RIGHT'],
    ['EPERM', 'LL_NO_RIGHT'],
    ['EIO', 'LL_IO'],
  ])('%s is %s', (errno, code) => {
    const error = ioError(system(errno), 'Writing');
    expect(error).toMatchObject({ code, message: `Writing: ${errno}: said the disk` });
    expect(errnoOf(error)).toBe(errno);
  });

  it('takes what node:fs throws', () => {
    let seen: unknown;
    try {
      readFileSync('/nonexistent/file');
    } catch (error) {
      seen = ioError(error, 'Reading');
    }
    expect(seen).toMatchObject({ code: 'LL_IO' });
    expect(errnoOf(seen)).toBe('ENOENT');
  });

  it('leaves a catalogue error alone and takes anything', () => {
    const error = new LayerlabError('LL_TAR', 'no');
    expect(ioError(error, 'Reading')).toBe(error);
    expect(ioError('text', 'Reading')).toMatchObject({ code: 'LL_IO', message: 'Reading: text' });
    expect(errnoOf('text')).toBeUndefined();
  });
});
