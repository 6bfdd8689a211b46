import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '../temp-root.ts';
import { applyHostile, dir, file, hostileTar, symlink } from './apply-hostile.ts';

afterEach(removeTempFolders);

describe('T09: two entries of one name', () => {
  for (const [what, entries] of [
    ['twice the same', [file('a'), file('a')]],
    ['spelled differently', [file('a'), file('./a')]],
    ['a file, then a folder', [file('a'), dir('a')]],
    ['a folder, then a link', [dir('a'), symlink('./a', '/etc')]],
  ] as const) {
    it(`${what}: refused, as tar-split could not tell them apart`, async () => {
      expect((await applyHostile(hostileTar(entries))).code).toBe('LL_TAR');
    });
  }

  it('names that differ in case or in Unicode form are different names', async () => {
    const names = ['A', 'a', 'caf\u00c3\u00a9', 'cafe\u00cc\u0081', '\u00c3\u009f', 'SS'];
    const { diff } = await applyHostile(hostileTar(names.map((name) => file(name))));
    expect(readdirSync(diff ?? '')).toHaveLength(names.length);
  });
});
