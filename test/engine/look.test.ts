import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cat } from '../../src/engine/cat.ts';
import { extract } from '../../src/engine/extract.ts';
import { layers } from '../../src/engine/layers.ts';
import { ls } from '../../src/engine/ls.ts';
import { tag } from '../../src/engine/tag.ts';
import { whichLayer } from '../../src/engine/which-layer.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { IMAGE, layeredRoot, packed, threeLayers } from './layered-root.ts';

afterEach(removeTempFolders);

function text(dataRoot: string, name: string): string {
  return [...cat({ dataRoot, name })].map((chunk) => chunk.toString()).join('');
}

for (const where of ['a data-root', 'a tar of one'] as const) {
  const root = async () => {
    const dataRoot = await layeredRoot();
    return where === 'a data-root' ? dataRoot : packed(dataRoot);
  };

  describe(`looking into ${where}`, () => {
    it('ls shows what overlayfs would: through whiteouts, opaque folders and links', async () => {
      const dataRoot = await root();
      const names = (name: string) => ls({ dataRoot, name }).entries.map((entry) => entry.name);
      expect(names(IMAGE)).toEqual(['conf', 'etc', 'hard', 'opt', 'su']);
      expect(names(`${IMAGE}:/etc`)).toEqual(['a', 'new']);
      expect(names(`${IMAGE}:/conf`)).toEqual(['a', 'new']);
      expect(names(`${IMAGE}:/opt`)).toEqual(['three', 'two']);
      expect(ls({ dataRoot, name: IMAGE, path: '/etc/a' }).entries).toMatchObject([
        { path: '/etc/a', type: 'file', mode: 0o644, uid: 0, size: 8, mtime: '2020-09-13T12:26:40Z' },
      ]);
      expect(ls({ dataRoot, name: IMAGE }).entries[0]).toMatchObject({ type: 'symlink', target: '/etc' });
      expect(ls({ dataRoot, name: IMAGE }).entries[1]).toMatchObject({ type: 'dir', mode: 0o750 });
      expect(ls({ dataRoot, name: IMAGE, recursive: true }).entries.map(({ path }) => path)).toEqual([
        '/conf',
        '/etc',
        '/etc/a',
        '/etc/new',
        '/hard',
        '/opt',
        '/opt/three',
        '/opt/two',
        '/su',
      ]);
      expect(() => ls({ dataRoot, name: `${IMAGE}:/etc/gone` })).toThrow(
        expect.objectContaining({ code: 'LL_NOT_FOUND' }),
      );
    });

    it('ls shows one layer by itself, with what it deletes, by any of its ids', async () => {
      const dataRoot = await root();
      const [, second] = layers({ dataRoot, image: IMAGE });
      if (second === undefined) throw new Error('no second layer');
      for (const id of [second.chainId, second.diffId, second.cacheId, second.chainId.slice(7, 19)]) {
        const { entries } = ls({ dataRoot, name: id, recursive: true });
        expect(entries.map(({ path, type }) => `${path} ${type}`)).toEqual([
          '/etc dir',
          '/etc/a file',
          '/etc/gone whiteout',
          '/etc/new file',
        ]);
      }
    });

    it('cat gives the content that shows', async () => {
      const dataRoot = await root();
      expect(text(dataRoot, `${IMAGE}:/etc/a`)).toBe('a again\n');
      expect(text(dataRoot, `${IMAGE}:/conf/../etc/a`)).toBe('a again\n');
      expect(text(dataRoot, `${IMAGE}:/hard`)).toBe('a of the base\n');
      expect(() => text(dataRoot, `${IMAGE}:/etc`)).toThrow(expect.objectContaining({ code: 'LL_USAGE' }));
    });

    it('which-layer tells who brought, changed and deleted a path', async () => {
      const dataRoot = await root();
      const told = (path: string) =>
        whichLayer({ dataRoot, name: IMAGE, path }).layers.map(
          ({ index, action, shows }) => `${index} ${action}${shows ? ' shows' : ''}`,
        );
      expect(told('/etc/a')).toEqual(['0 adds', '1 changes shows']);
      expect(told('/conf/a')).toEqual(['0 adds', '1 changes shows']);
      expect(told('/etc/gone')).toEqual(['0 adds', '1 deletes']);
      expect(told('/opt/one')).toEqual(['0 adds', '2 deletes']);
      expect(told('/opt/two')).toEqual(['0 adds', '2 changes shows']);
      expect(told('/etc/new')).toEqual(['1 adds shows']);
      expect(told('/nowhere')).toEqual([]);
      expect(whichLayer({ dataRoot, name: IMAGE, path: '/etc/new' }).layers[0]?.instruction).toBe('RUN rm /etc/gone');
    });

    it('layers counts what each adds, changes and deletes', async () => {
      const dataRoot = await root();
      expect(layers({ dataRoot, image: IMAGE })).toMatchObject([
        { index: 0, instruction: 'ADD file:0 in /', added: 7, changed: 0, deleted: 0 },
        { index: 1, instruction: 'RUN rm /etc/gone', added: 1, changed: 1, deleted: 1 },
        { index: 2, instruction: 'COPY opt /opt', added: 1, changed: 1, deleted: 1 },
      ]);
    });

    it('extract writes it into a new folder, without set-id bits and devices', async () => {
      const dataRoot = await root();
      const output = join(tempFolder(), 'out');
      const { files } = await extract({ dataRoot, name: IMAGE, output });
      expect(files).toBe(9);
      expect(readdirSync(join(output, 'opt')).sort()).toEqual(['three', 'two']);
      expect(readFileSync(join(output, 'etc/a'), 'utf8')).toBe('a again\n');
      expect(lstatSync(join(output, 'su')).mode & 0o7777).toBe(0o755);
      expect(lstatSync(join(output, 'etc')).mode & 0o7777).toBe(0o750);
      expect(lstatSync(join(output, 'etc/a')).mtimeMs).toBe(1_600_000_000_000);
      await expect(extract({ dataRoot, name: IMAGE, output })).rejects.toMatchObject({ code: 'LL_CONFLICT' });
    });

    it('extract writes a tar with owners and modes', async () => {
      const dataRoot = await root();
      const output = join(tempFolder(), 'out.tar');
      await extract({ dataRoot, name: `${IMAGE}:/`, output });
      const listed = execFileSync('tar', ['-tvf', output, '--numeric-owner'], { encoding: 'utf8' });
      expect(listed).toMatch(/-rwsr-xr-x 0\/0 .* su\n/);
      expect(listed).toMatch(/-rw-r--r-- 7\/0 .* hard\n/);
      expect(execFileSync('tar', ['-xOf', output, 'opt/two'], { encoding: 'utf8' })).toBe('again');
    });
  });
}

describe('layers', () => {
  it('names the images that share a layer', async () => {
    const dataRoot = await layeredRoot();
    const loaded = layers({ dataRoot, image: IMAGE });
    expect(loaded.map(({ sharedWith }) => sharedWith)).toEqual([[], [], []]);
    tag({ dataRoot, source: IMAGE, target: 'same:image' });
    expect(layers({ dataRoot, image: IMAGE })[0]?.sharedWith).toEqual([]);
  });
});

describe('a hostile data-root', () => {
  /** Its first layer's tar-split, with other lines. */
  function rewriteTarSplit(dataRoot: string, change: (lines: string) => string): void {
    const [base] = layers({ dataRoot, image: IMAGE });
    const path = join(dataRoot, 'image/overlay2/layerdb/sha256', base?.chainId.slice(7) ?? '', 'tar-split.json.gz');
    const plain = execFileSync('gzip', ['-dc', path], { encoding: 'utf8' });
    writeFileSync(path, gzipSync(change(plain)));
  }

  it('shows nothing of the host through a link that stands where the records have a folder', async () => {
    const dataRoot = await layeredRoot(threeLayers.slice(0, 1));
    const outside = tempFolder();
    writeFileSync(join(outside, 'a'), 'secret of the host');
    const [base] = layers({ dataRoot, image: IMAGE });
    const diff = join(dataRoot, 'overlay2', base?.cacheId ?? '', 'diff');
    execFileSync('rm', ['-r', join(diff, 'etc')]);
    symlinkSync(outside, join(diff, 'etc'));
    for (const root of [dataRoot, packed(dataRoot)]) {
      expect(() => text(root, `${IMAGE}:/etc/a`)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^LL_(CORRUPT|NOT_FOUND|BREAKOUT)$/) }),
      );
    }
  });

  it('names no file above a layer by tar-split', async () => {
    const dataRoot = await layeredRoot();
    // The same length, so that the header's checksum is all that does not fit; readers of the packed root see headers only.
    rewriteTarSplit(dataRoot, (lines) => lines.replace('"name":"etc/a"', '"name":"../aa"'));
    expect(() => ls({ dataRoot: packed(dataRoot), name: IMAGE, recursive: true })).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
  });

  it('with layers that stand on themselves ends', async () => {
    const dataRoot = await layeredRoot();
    const [base, second] = layers({ dataRoot, image: IMAGE });
    const layerdb = join(dataRoot, 'image/overlay2/layerdb/sha256');
    writeFileSync(join(layerdb, base?.chainId.slice(7) ?? '', 'parent'), second?.chainId ?? '');
    for (const root of [dataRoot, packed(dataRoot)]) {
      expect(() => ls({ dataRoot: root, name: IMAGE })).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
    }
  });

  it('cannot keep a reader in a circle of links', async () => {
    const dataRoot = await layeredRoot([
      {
        instruction: 'ADD',
        files: [
          { name: 'x', type: '2', linkname: 'y' },
          { name: 'y', type: '2', linkname: 'x' },
          { name: 'up', type: '2', linkname: '../../../../../../etc/passwd' },
        ],
      },
    ]);
    expect(() => text(dataRoot, `${IMAGE}:/x`)).toThrow(expect.objectContaining({ code: 'LL_BREAKOUT' }));
    expect(() => text(dataRoot, `${IMAGE}:/up`)).toThrow(expect.objectContaining({ code: 'LL_NOT_FOUND' }));
    mkdirSync(join(dataRoot, 'unused'));
    expect(ls({ dataRoot, name: IMAGE, path: '/up' }).entries).toMatchObject([{ type: 'symlink' }]);
  });
});
