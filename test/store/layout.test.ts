import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { assertOwnRoot } from '../../src/engine/assert-own-root.ts';
import { createLayout } from '../../src/store/layout.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

/** What dockerd 28.5 makes at its first start, as far as images and the driver go. */
const MODES: readonly (readonly [string, number])[] = [
  ['', 0o710],
  ['image', 0o700],
  ['image/overlay2', 0o700],
  ['image/overlay2/distribution', 0o700],
  ['image/overlay2/imagedb', 0o700],
  ['image/overlay2/imagedb/content', 0o700],
  ['image/overlay2/imagedb/content/sha256', 0o700],
  ['image/overlay2/imagedb/metadata', 0o700],
  ['image/overlay2/imagedb/metadata/sha256', 0o700],
  ['image/overlay2/layerdb', 0o700],
  ['image/overlay2/repositories.json', 0o600],
  ['overlay2', 0o710],
  ['overlay2/l', 0o700],
];

describe('createLayout', () => {
  for (const umask of [0o022, 0o077, 0o000]) {
    it(`makes dockerd's tree with its modes under umask ${umask.toString(8)}`, () => {
      const root = `${tempFolder()}/new/deeper`;
      const before = process.umask(umask);
      try {
        createLayout(root);
      } finally {
        process.umask(before);
      }
      for (const [path, mode] of MODES) {
        expect([path, (lstatSync(`${root}/${path}`).mode & 0o7777).toString(8)]).toEqual([path, mode.toString(8)]);
      }
      expect(readFileSync(`${root}/image/overlay2/repositories.json`, 'utf8')).toBe('{"Repositories":{}}');
    });
  }

  it('leaves what is there as it is', () => {
    const root = tempFolder();
    mkdirSync(`${root}/image/overlay2`, { recursive: true });
    chmodSync(`${root}/image`, 0o755);
    writeFileSync(`${root}/image/overlay2/repositories.json`, '{"Repositories":{"a":{}}}');
    createLayout(root);
    createLayout(root);
    expect(lstatSync(`${root}/image`).mode & 0o777).toBe(0o755);
    expect(readFileSync(`${root}/image/overlay2/repositories.json`, 'utf8')).toBe('{"Repositories":{"a":{}}}');
  });
});

describe('a layout that was cut short', () => {
  for (const obstacle of ['overlay2', 'image']) {
    it(`is marked as layerlab's before ${obstacle} is there`, () => {
      const root = tempFolder();
      writeFileSync(`${root}/${obstacle}`, '');
      expect(() => createLayout(root)).toThrow(expect.objectContaining({ code: 'LL_DATA_ROOT' }));
      expect(readdirSync(root)).toContain('layerlab');
      expect(() => assertOwnRoot(root)).not.toThrow();
    });
  }
});

describe('openStore', () => {
  it('writes nothing in read mode, and a missing data-root has no images', () => {
    const root = `${tempFolder()}/missing`;
    const store = openStore(root, { mode: 'read' });
    expect(store.images.list()).toEqual([]);
    expect(store.layers.list()).toEqual([]);
    expect(store.references.list()).toEqual([]);
    expect(store.mounts.containers()).toEqual([]);
    expect(() => store.lock(() => 1)).toThrow(expect.objectContaining({ code: 'LL_DATA_ROOT' }));
    expect(lstatSync(root, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('refuses to write into a folder that is no data-root', () => {
    const root = tempFolder();
    writeFileSync(`${root}/thesis.txt`, 'precious');
    expect(() => openStore(root, { mode: 'write' })).toThrow(expect.objectContaining({ code: 'LL_DATA_ROOT' }));
    expect(readdirSync(root)).toEqual(['thesis.txt']);
  });

  it('refuses to write beside another storage driver, whose dockerd would not start again', () => {
    const root = tempFolder();
    mkdirSync(`${root}/btrfs/subvolumes`, { recursive: true });
    mkdirSync(`${root}/image`);
    expect(() => openStore(root, { mode: 'write' })).toThrow(/storage driver btrfs/);
  });

  it('refuses to hide the images of a containerd store', () => {
    const root = tempFolder();
    mkdirSync(`${root}/containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots/1`, { recursive: true });
    expect(() => openStore(root, { mode: 'write' })).toThrow(/containerd/);
  });

  it('refuses a file', () => {
    const file = `${tempFolder()}/file`;
    writeFileSync(file, '');
    for (const mode of ['read', 'write'] as const) {
      expect(() => openStore(file, { mode })).toThrow(expect.objectContaining({ code: 'LL_DATA_ROOT' }));
    }
  });
});
