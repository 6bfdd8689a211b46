import { chmodSync, lstatSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { applyHostile, hostileTar } from './apply-hostile.ts';

afterEach(removeTempFolders);

describe('S09: who may look into a data-root (CVE-2021-41091)', () => {
  it('others may not reach the set-user-id files of its layers, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const root = `${tempFolder()}/root`;
      const { paths } = openStore(root, { mode: 'write' });
      for (const path of [paths.root, paths.overlay]) expect(lstatSync(path).mode & 0o7).toBe(0);
      for (const path of [paths.image, paths.layerdb, paths.own, paths.tmp, paths.leases, `${root}/image`]) {
        expect(lstatSync(path).mode & 0o77).toBe(0);
      }
    } finally {
      process.umask(before);
    }
  });

  it('each layer is closed to others too', async () => {
    const { diff } = await applyHostile(hostileTar([{ name: 'su', mode: 0o4755 }]));
    expect(lstatSync(`${diff}/..`).mode & 0o7).toBe(0);
    chmodSync(`${diff}/su`, 0o755);
  });
});
