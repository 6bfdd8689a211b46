import { chmodSync, chownSync, mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInitLayer } from '../../../src/executor/run/init-layer.ts';
import { DiskLayer } from '../../../src/snapshot/disk-layer.ts';
import { MergedView } from '../../../src/snapshot/merged-view.ts';
import { freshFolder, listing, makeRootfs } from './rootfs.ts';

let folder = '';
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The init layer on an image; what dockerd 28.5 made of the same one is in the expectations. */
function initLayerOf(extend: (root: string) => void): string[] {
  const root = makeRootfs(join(folder, 'base'), extend);
  const diff = join(folder, 'init');
  mkdirSync(diff);
  const opaques = createInitLayer(diff, new MergedView([new DiskLayer(root)]));
  return listing(diff, opaques);
}

const FILES_IN_ETC = [
  'etc/hostname 100755 new ""',
  'etc/hosts 100755 new ""',
  'etc/mtab 120777 new -> /proc/mounts',
  'etc/resolv.conf 100755 new ""',
];
const NEW_DEV = ['dev 40755 new', 'dev/console 100755 new ""', 'dev/pts 40755 new', 'dev/shm 40755 new'];

describe('createInitLayer', () => {
  it('makes everything on an image that has nothing', () => {
    expect(initLayerOf(() => {})).toEqual([
      '.dockerenv 100755 new ""',
      ...NEW_DEV,
      'etc 40755 new',
      ...FILES_IN_ETC,
      'proc 40755 new',
      'sys 40755 new',
    ]);
  });

  it("replaces the image's files, keeps its folders and their owners", () => {
    const found = initLayerOf((root) => {
      for (const name of ['dev/pts', 'dev/shm', 'proc', 'sys']) mkdirSync(join(root, name), { recursive: true });
      for (const name of ['resolv.conf', 'hosts', 'mtab', 'hostname']) writeFileSync(join(root, 'etc', name), 'x\n');
      chmodSync(join(root, 'etc'), 0o751);
      chownSync(join(root, 'etc'), 9, 8);
    });
    expect(found).toEqual([
      '.dockerenv 100755 new ""',
      'dev 40755 new',
      'dev/console 100755 new ""',
      'etc 40751 9:8 new',
      ...FILES_IN_ETC,
    ]);
  });

  it('puts an opaque folder where a link or a file is in the way', () => {
    const found = initLayerOf((root) => {
      renameSync(join(root, 'etc'), join(root, 'usr/etc'));
      symlinkSync('usr/etc', join(root, 'etc'));
      writeFileSync(join(root, 'dev'), '');
      symlinkSync('/tmp', join(root, 'proc'));
      mkdirSync(join(root, 'sys'));
    });
    expect(found).toEqual([
      '.dockerenv 100755 new ""',
      'dev 40755 new opaque',
      'dev/console 100755 new ""',
      'dev/pts 40755 new',
      'dev/shm 40755 new',
      'etc 40755 new opaque',
      ...FILES_IN_ETC,
      'proc 40755 new opaque',
    ]);
  });

  it('leaves folders alone that stand where files should be', () => {
    const found = initLayerOf((root) => {
      for (const name of ['etc/hosts/x', 'etc/mtab', '.dockerenv', 'dev/console', 'proc', 'sys']) {
        mkdirSync(join(root, name), { recursive: true });
      }
    });
    expect(found).toEqual([
      'dev 40755 new',
      'dev/pts 40755 new',
      'dev/shm 40755 new',
      'etc 40755 new',
      'etc/hostname 100755 new ""',
      'etc/resolv.conf 100755 new ""',
    ]);
  });

  it('makes an /etc where the image has none', () => {
    const found = initLayerOf((root) => {
      rmSync(join(root, 'etc'), { recursive: true });
      rmdirSync(join(root, 'var/log'));
    });
    expect(found.filter((line) => line.startsWith('etc'))).toEqual(['etc 40755 new', ...FILES_IN_ETC]);
  });
});
