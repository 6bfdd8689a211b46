import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '../temp-root.ts';
import { applyHostile, dir, file, hostileTar } from './apply-hostile.ts';

afterEach(removeTempFolders);

describe('T01: entry names that lead out of the layer', () => {
  for (const name of ['..', '../x', '../../x', 'a/../../x', './../x', '../../victim/file', 'a/b/../../../x', '..//x']) {
    it(`${name} is refused`, async () => {
      expect((await applyHostile(hostileTar([file(name)]))).code).toBe('LL_BREAKOUT');
    });
  }

  for (const [name, inside] of [
    ['/layerlab-escaped', 'layerlab-escaped'],
    ['//layerlab-escaped', 'layerlab-escaped'],
    ['/../layerlab-escaped', 'layerlab-escaped'],
    ['a/../layerlab-escaped', 'layerlab-escaped'],
    ['/etc/passwd', 'etc/passwd'],
  ] as const) {
    it(`${name} stays inside`, async () => {
      const { diff } = await applyHostile(hostileTar([file(name)]));
      expect(existsSync(`${diff}/${inside}`)).toBe(true);
    });
  }

  it('T02: a link to a sibling whose name begins alike is refused', async () => {
    const tar = hostileTar([dir('a'), { name: 'out', type: '2', linkname: '../diff-evil' }, file('out/x')]);
    expect((await applyHostile(tar)).code).toBe('LL_BREAKOUT');
  });
});
