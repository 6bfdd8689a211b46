import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { provesSame, type SourceStamp, stampOf } from '../../../src/executor/cache/source-stamp.ts';
import { ContextTree } from '../../../src/executor/context/context-tree.ts';
import { RememberedTree } from '../../../src/executor/context/remembered-tree.ts';
import type { FileNode } from '../../../src/snapshot/file-tree.ts';

const HOUR = 3_600_000_000_000n;

describe('the stamp of what a copy takes', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-stamp-'));
    mkdirSync(join(root, 'd/e'), { recursive: true });
    for (const name of ['d/a', 'd/e/b', 'd/skipped', 'outside']) writeFileSync(join(root, name), 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const stamp = (sources = ['d'], excludes: readonly string[] = []): SourceStamp => {
    const found = stampOf(
      new ContextTree(root, undefined, 0n, 'buildkit'),
      { sources, excludes, parents: false },
      { missingSource: '{}' },
    );
    if (found === undefined) throw new Error('no stamp');
    return found;
  };
  const changes = (change: () => void, sources?: readonly string[]): boolean => {
    const before = stamp(sources === undefined ? undefined : [...sources]);
    change();
    return stamp(sources === undefined ? undefined : [...sources]).digest !== before.digest;
  };

  it('is the same where nothing was done, or only outside of it', () => {
    expect(changes(() => undefined)).toBe(false);
    expect(changes(() => writeFileSync(join(root, 'outside'), 'two'))).toBe(false);
  });

  it('tells a file of the same size whose time was put back', () => {
    const path = join(root, 'd/e/b');
    const { atime, mtime } = statSync(path);
    const rewrite = (): void => {
      writeFileSync(path, 'two');
      utimesSync(path, atime, mtime);
    };
    expect(changes(rewrite)).toBe(true);
  });

  it('tells another file under the same name, a new mode, a further name, a name gone', () => {
    const replaced = (): void => {
      writeFileSync(join(root, 'new'), 'two');
      renameSync(join(root, 'new'), join(root, 'd/a'));
    };
    expect(changes(replaced)).toBe(true);
    expect(changes(() => chmodSync(join(root, 'd/a'), 0o755))).toBe(true);
    expect(changes(() => linkSync(join(root, 'd/a'), join(root, 'd/z')))).toBe(true);
    expect(changes(() => rmSync(join(root, 'd/e/b')))).toBe(true);
  });

  it('tells where a link on the way leads to', () => {
    mkdirSync(join(root, 'x'));
    mkdirSync(join(root, 'y'));
    writeFileSync(join(root, 'x/f'), 'one');
    linkSync(join(root, 'x/f'), join(root, 'y/f'));
    symlinkSync('x', join(root, 'way'));
    const turn = (): void => {
      rmSync(join(root, 'way'));
      symlinkSync('y', join(root, 'way'));
    };
    expect(changes(turn, ['way/f'])).toBe(true);
  });

  it('tells names apart however they are cut', () => {
    const digests = [['a b'], ['a', 'b']].map((names) => {
      for (const name of names) writeFileSync(join(root, name), '');
      const { digest } = stamp(names.map((name) => `${name}*`));
      for (const name of names) rmSync(join(root, name));
      return digest;
    });
    expect(new Set(digests).size).toBe(2);
  });

  it('is the same on a host where a folder cannot be listed in one go', () => {
    symlinkSync('a', join(root, 'd/link'));
    const tree = new ContextTree(root, undefined, 0n, 'buildkit');
    const slow = {
      root: tree.root,
      child: (dir: FileNode, name: string) => tree.child(dir, name),
      names: (dir: FileNode) => tree.names(dir),
    };
    const action = { sources: ['d', 'outside'], excludes: ['e/b'], parents: false };
    const found = stampOf(slow, action, { missingSource: '{}' });
    expect(found).toEqual(stampOf(tree, action, { missingSource: '{}' }));
    expect(found?.files).toBe(7);
    const remembered = new RememberedTree(tree);
    expect(stampOf(remembered, action, { missingSource: '{}' })).toEqual(found);
  });

  it('does not look into what is left out', () => {
    const before = stamp(['d'], ['e']);
    writeFileSync(join(root, 'd/e/b'), 'two');
    expect(stamp(['d'], ['e']).digest).toBe(before.digest);
  });

  it('proves nothing about a file that was changed in the tick in which it was read', () => {
    const now = stamp();
    expect(provesSame(now, now.digest, now.newest)).toBe(false);
    expect(provesSame(now, now.digest, now.newest + 1_999_999_999n)).toBe(false);
    expect(provesSame(now, now.digest, now.newest + HOUR)).toBe(true);
    expect(provesSame(now, 'another', now.newest + HOUR)).toBe(false);
    expect(provesSame(now, undefined, now.newest + HOUR)).toBe(false);
  });

  it('proves nothing where the clock was set back behind the files', () => {
    const now = stamp();
    expect(provesSame(now, now.digest, now.newest - HOUR)).toBe(false);
  });
});
