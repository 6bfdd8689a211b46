import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CacheRecord } from '../../../src/executor/cache/build-cache.ts';
import { findLine } from '../../../src/executor/cache/find-line.ts';
import { encodeManifest, lacksFile, matchesManifest } from '../../../src/executor/cache/manifest.ts';
import { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { lstatNode } from '../../../src/snapshot/disk-node.ts';
import { MergedView } from '../../../src/snapshot/merged-view.ts';

const NOW = BigInt(Date.now()) * 1_000_000n;
const LATER = NOW + 3600_000_000_000n;

describe('the manifest of a copy', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-manifest-'));
    mkdirSync(join(root, 'diff'));
    writeFileSync(join(root, 'source'), 'one');
    writeFileSync(join(root, 'diff/f'), 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const plan = (mode = 0o644): ChangeTree => {
    const tree = new ChangeTree(new MergedView([]), () => 0n);
    const source = lstatNode(join(root, 'source'));
    if (source === undefined) throw new Error('no source');
    tree.put(['f'], {
      kind: 'file',
      mode,
      uid: 0,
      gid: 0,
      size: source.size,
      mtime: source.mtime,
      content: { kind: 'file', path: source.path },
      signature: source.signature,
    });
    return tree;
  };
  const matches = (kept: string, readAt: bigint, tree = plan()) =>
    matchesManifest(tree, kept, readAt, join(root, 'diff'));

  it('takes an unchanged source without reading it', () => {
    const kept = encodeManifest(plan());
    rmSync(join(root, 'diff/f'));
    expect(matches(kept, LATER)).toBe(true);
  });

  it('reads a source whose times are too young to prove anything', () => {
    const kept = encodeManifest(plan());
    expect(matches(kept, NOW)).toBe(true);
    writeFileSync(join(root, 'diff/f'), 'two');
    expect(matches(kept, NOW)).toBe(false);
  });

  it('finds the same content under a new time, and another content of the same size', () => {
    const kept = encodeManifest(plan());
    utimesSync(join(root, 'source'), 1, 1);
    expect(matches(kept, LATER)).toBe(true);
    writeFileSync(join(root, 'source'), 'two');
    expect(matches(kept, LATER)).toBe(false);
  });

  it('sees one changed file among many before it looks at any attribute', () => {
    const asked: string[] = [];
    const many = (): ChangeTree => {
      const tree = new ChangeTree(new MergedView([]), () => 0n);
      for (let i = 0; i < 30; i++) {
        const source = lstatNode(join(root, `s${i}`));
        if (source === undefined) throw new Error('no source');
        tree.put([`f${i}`], {
          ...{ kind: 'file', mode: 0o644, uid: 0, gid: 0, size: source.size, mtime: source.mtime },
          content: { kind: 'file', path: source.path },
          signature: source.signature,
          xattrs: {
            xattrs: () => {
              asked.push(source.path);
              return source.xattrs();
            },
          },
        });
      }
      return tree;
    };
    for (let i = 0; i < 30; i++) {
      for (const path of [`s${i}`, `diff/f${i}`]) writeFileSync(join(root, path), 'one');
    }
    const kept = encodeManifest(many());
    expect(matches(kept, LATER, many())).toBe(true);
    asked.length = 0;
    writeFileSync(join(root, 's29'), 'two');
    expect(matches(kept, LATER, many())).toBe(false);
    expect(asked).toEqual([]);
    writeFileSync(join(root, 's29'), 'one');
    expect(matches(kept, LATER, many())).toBe(true);
  });

  /** A kept manifest, as a record of the cache tells of it. */
  const keep = (text: string): Pick<CacheRecord, 'manifestLine'> => {
    writeFileSync(join(root, 'kept'), text);
    return { manifestLine: (begin, most) => findLine(join(root, 'kept'), begin, most) };
  };

  it('proves that a layer lacks a file by its name, its size or its bytes', () => {
    const record = keep(encodeManifest(plan()));
    const lacks = (path = 'f', size = 3) =>
      lacksFile(record, join(root, 'diff'), path, { path: join(root, 'source'), size });
    expect(lacks()).toBe(false);
    expect([lacks('g'), lacks('ource'), lacks('f', 4)]).toEqual([true, true, true]);
    writeFileSync(join(root, 'source'), 'two');
    expect(lacks()).toBe(true);
  });

  it('finds a file on any line, whatever bytes its name is of', () => {
    const source = join(root, 'source');
    const tree = plan();
    for (const name of ['g', 'h\xff', 'i"']) {
      tree.put([name], {
        kind: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: 3,
        mtime: 0n,
        content: { kind: 'file', path: source },
      });
      writeFileSync(Buffer.from(`${root}/diff/${name}`, 'latin1'), 'one');
    }
    const record = keep(encodeManifest(tree));
    const lacks = (path: string, size = 3) => lacksFile(record, join(root, 'diff'), path, { path: source, size });
    expect(['f', 'g', 'h\xff', 'i"', 'h', 'i'].map((path) => lacks(path))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(lacks('i"', 4)).toBe(true);
  });

  it('writes a line as JSON.stringify writes an array, whatever a file is called and is like', () => {
    const tree = new ChangeTree(new MergedView([]), () => 0n);
    const like = { kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0n, signature: '1:2:3:4:5' } as const;
    tree.put(['a"b\\'], { ...like, size: 7 });
    tree.put(['b\n\xff'], { ...like, mode: 0o4755, uid: 12, gid: 34 });
    tree.put(['c'], { ...like, xattrs: new Map([['user.a', Buffer.from('b')]]) });
    tree.put(['d'], { ...like, inode: 'x' });
    tree.put(['e'], { ...like, inode: 'x' });
    tree.put(['f'], { ...like, kind: 'symlink', mode: 0o777, target: 'to' });
    tree.put(['g'], { ...like, kind: 'char', mode: 0o600, major: 0, minor: 3 });
    const rows = [
      ['a"b\\', 'file', 0o644, 0, 0, 7, '', 0, 0, false, false, '', []],
      ['b\n\xff', 'file', 0o4755, 12, 34, 0, '', 0, 0, false, false, '', []],
      ['c', 'file', 0o644, 0, 0, 0, '', 0, 0, false, false, '', [['user.a', 'Yg==']]],
      ['d', 'file', 0o644, 0, 0, 0, '', 0, 0, false, false, '', []],
      ['e', 'file', 0o644, 0, 0, 0, '', 0, 0, false, false, 'd', []],
      ['f', 'symlink', 0o777, 0, 0, 0, 'to', 0, 0, false, false, '', []],
      ['g', 'char', 0o600, 0, 0, 0, '', 0, 3, false, false, '', []],
    ];
    expect(encodeManifest(tree)).toBe(rows.map((row) => `${JSON.stringify(row)}\t1:2:3:4:5\n`).join(''));
  });

  it('looks at modes, and at files more or fewer', () => {
    const kept = encodeManifest(plan());
    expect(matches(kept, LATER, plan(0o600))).toBe(false);
    const more = plan();
    more.makeDir(['g'], { kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0n });
    expect(matches(kept, LATER, more)).toBe(false);
    expect(matches(encodeManifest(more), LATER)).toBe(false);
  });
});
