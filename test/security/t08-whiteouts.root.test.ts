import { lstatSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '../temp-root.ts';
import { applyHostile, dir, file, hostileTar, symlink } from './apply-hostile.ts';

afterEach(removeTempFolders);

const isWhiteout = (path: string): boolean => {
  const stat = lstatSync(path);
  return stat.isCharacterDevice() && stat.rdev === 0;
};

describe('T08: whiteouts', () => {
  for (const name of ['.wh.', '.wh..', '.wh...', 'd/.wh..', 'd/.wh...']) {
    it(`${name} would delete a folder itself or its parent, and is refused`, async () => {
      expect((await applyHostile(hostileTar([dir('d'), file(name)]))).code).toBe('LL_TAR');
    });
  }

  it('one through a link stays inside', async () => {
    const { diff } = await applyHostile(hostileTar([dir('real'), symlink('s', '/real'), file('s/.wh.x')]));
    expect(isWhiteout(`${diff}/real/x`)).toBe(true);
    expect((await applyHostile(hostileTar([symlink('s', '../../../victim'), file('s/.wh.file')]))).code).toBe(
      'LL_BREAKOUT',
    );
  });

  it('of a kind that is no file is a whiteout all the same', async () => {
    const { diff } = await applyHostile(hostileTar([symlink('.wh.a', '/etc'), { name: '.wh.b/', type: '5' }]));
    expect([isWhiteout(`${diff}/a`), isWhiteout(`${diff}/b`)]).toEqual([true, true]);
  });

  it('a name that only begins alike is a file', async () => {
    const { diff } = await applyHostile(hostileTar([file('which'), file('.which'), file('.whale')]));
    expect(readdirSync(diff ?? '').sort()).toEqual(['.whale', '.which', 'which']);
  });

  it('a layer that has a name and deletes it is refused in this order, and taken in the other', async () => {
    expect((await applyHostile(hostileTar([file('a'), file('.wh.a')]))).code).toBe('LL_TAR');
    const { diff } = await applyHostile(hostileTar([file('.wh.a'), file('a')]));
    expect(lstatSync(`${diff}/a`).isFile()).toBe(true);
  });
});
