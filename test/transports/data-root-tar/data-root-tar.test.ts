import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { history } from '../../../src/engine/history.ts';
import { images } from '../../../src/engine/images.ts';
import { inspect } from '../../../src/engine/inspect.ts';
import { openForReading } from '../../../src/engine/open-for-reading.ts';
import { save } from '../../../src/engine/save.ts';
import { tree } from '../../../src/engine/tree.ts';
import { encodeGoJson } from '../../../src/formats/go-json.ts';
import { loadedRoot } from '../../engine/loaded-root.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';

afterEach(removeTempFolders);

/** A tar of a data-root, made by the host's own tar. */
function tarOf(dataRoot: string, args: readonly string[]): string {
  const file = join(tempFolder(), 'root.tar');
  const made = spawnSync('tar', ['-cf', file, ...args], { cwd: dataRoot, encoding: 'utf8' });
  expect(made.stderr).toBe('');
  return file;
}

async function savedDigest(dataRoot: string, image: string): Promise<string> {
  const output = join(tempFolder(), 'saved.tar');
  await save({ dataRoot, images: [image], output });
  return createHash('sha256').update(readFileSync(output)).digest('hex');
}

describe('a tar of a data-root', () => {
  for (const [what, args] of [
    ['made inside of it', ['.']],
    ['made at the root of the host', ['--transform', 's,^\\./,var/lib/docker/,', '.']],
    ['of GNU with long names', ['--format=gnu', '.']],
    ['of PAX', ['--format=pax', '.']],
  ] as const) {
    it(`gives the answers of the data-root itself: ${what}`, async () => {
      const dataRoot = await loadedRoot('several');
      const tar = tarOf(dataRoot, args);
      expect(images({ dataRoot: tar })).toEqual(images({ dataRoot }));
      expect(images({ dataRoot }).length).toBeGreaterThan(2);
      expect(history({ dataRoot: tar, image: 'h5fx:classic' })).toEqual(history({ dataRoot, image: 'h5fx:classic' }));
      const [ours, theirs] = [dataRoot, tar].map((root) =>
        encodeGoJson([...inspect({ dataRoot: root, names: ['h5fx:child'] }).found]).replaceAll(root, '<root>'),
      );
      expect(theirs).toBe(ours);
      expect(await savedDigest(tar, 'h5fx:child')).toBe(await savedDigest(dataRoot, 'h5fx:child'));
    });
  }

  it('tells the names of one hard-linked file, links and folders apart', async () => {
    const dataRoot = join(tempFolder(), 'root');
    mkdirSync(join(dataRoot, 'overlay2/l'), { recursive: true });
    mkdirSync(join(dataRoot, 'image/overlay2'), { recursive: true });
    writeFileSync(join(dataRoot, 'overlay2/file'), 'hello');
    spawnSync('ln', ['file', 'same'], { cwd: join(dataRoot, 'overlay2') });
    spawnSync('ln', ['-s', 'file', 'link'], { cwd: join(dataRoot, 'overlay2') });
    const tar = tarOf(dataRoot, ['.']);
    const { files, paths } = openForReading(tar);
    expect(files.names(paths.overlay)).toEqual(['file', 'l', 'link', 'same']);
    expect(files.lstat(`${paths.overlay}/same`)).toMatchObject({ kind: 'file', size: 5 });
    expect(files.lstat(`${paths.overlay}/same`)?.inode).toBe(files.lstat(`${paths.overlay}/file`)?.inode);
    expect(files.lstat(`${paths.overlay}/same`)?.inode).not.toBe('');
    expect(files.readlink(`${paths.overlay}/link`)).toBe('file');
    const buffer = Buffer.alloc(9);
    expect(files.open(`${paths.overlay}/same`)?.read(buffer, 1)).toBe(4);
    expect(buffer.toString('latin1', 0, 4)).toBe('ello');
    expect(() => files.open(`${paths.overlay}/link`)).toThrow('is not a regular file');
    expect(files.open(`${paths.overlay}/none`)).toBeUndefined();
  });

  it('is refused while it is compressed, with the command that helps', async () => {
    const tar = tarOf(await loadedRoot('several'), ['-z', '.']);
    expect(() => images({ dataRoot: tar })).toThrow(
      expect.objectContaining({ code: 'LL_DATA_ROOT', hint: expect.stringContaining('gzip -dc') }),
    );
  });

  it('is told apart from an archive of images, and from any other file', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'manifest.json'), '[]');
    const archive = tarOf(folder, ['manifest.json']);
    expect(() => images({ dataRoot: archive })).toThrow(
      expect.objectContaining({ code: 'LL_DATA_ROOT', hint: expect.stringContaining('layerlab load') }),
    );
    writeFileSync(join(folder, 'text'), 'no tar at all\n'.repeat(100));
    expect(() => images({ dataRoot: join(folder, 'text') })).toThrow(expect.objectContaining({ code: 'LL_TAR' }));
  });

  it('is refused where it breaks off', async () => {
    const tar = tarOf(await loadedRoot('several'), ['.']);
    const bytes = readFileSync(tar);
    writeFileSync(tar, bytes.subarray(0, Math.floor(bytes.length / 2)));
    expect(() => images({ dataRoot: tar })).toThrow(expect.objectContaining({ code: 'LL_TAR' }));
  });
});

describe('a data-root that is kept in another way', () => {
  for (const [what, file, word] of [
    ['Docker 29', 'containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs', 'containerd'],
    ['containerd itself', 'io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs', 'containerd'],
    ['vfs', `image/vfs/imagedb/content/sha256/${'a'.repeat(64)}`, 'vfs'],
    ['btrfs', `image/btrfs/imagedb/content/sha256/${'a'.repeat(64)}`, 'btrfs'],
    ['fuse-overlayfs', `image/fuse-overlayfs/imagedb/content/sha256/${'a'.repeat(64)}`, 'fuse-overlayfs'],
  ] as const) {
    it(`is named: ${what}`, () => {
      const dataRoot = tempFolder();
      mkdirSync(join(dataRoot, dirname(file)), { recursive: true });
      writeFileSync(join(dataRoot, file), '');
      for (const root of [dataRoot, tarOf(dataRoot, ['.'])]) {
        expect(() => images({ dataRoot: root })).toThrow(
          expect.objectContaining({ code: 'LL_OTHER_STORE', message: expect.stringContaining(word) }),
        );
      }
    });
  }

  it('is no reason to refuse the overlay2 store beside it', async () => {
    const dataRoot = await loadedRoot('several');
    const count = images({ dataRoot }).length;
    mkdirSync(join(dataRoot, 'image/vfs/imagedb/content/sha256/x'), { recursive: true });
    expect(images({ dataRoot })).toHaveLength(count);
    expect(tree({ dataRoot, depth: 1 }).note).toMatch(/; images of vfs \(image\/vfs\) are not read$/);
    expect(readdirSync(join(dataRoot, 'overlay2')).length).toBeGreaterThan(1);
  });
});
