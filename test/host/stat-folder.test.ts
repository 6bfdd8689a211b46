import { linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ContextTree } from '../../src/executor/context/context-tree.ts';
import { statFolder, TYPE_DIR, TYPE_SOCKET } from '../../src/host/stat-folder.ts';
import { lstatNode } from '../../src/snapshot/disk-node.ts';
import type { FileNode } from '../../src/snapshot/file-tree.ts';
import { lookAtNode } from '../../src/snapshot/listed-node.ts';

describe('all files of a folder looked at in one go', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-list-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const told = (node: FileNode): unknown => {
    const { kind, mode, uid, gid, size, mtime, atime, major, minor, target, inode, path, signature } = node;
    return { kind, mode, uid, gid, size, mtime, atime, major, minor, target, inode, path, signature };
  };

  it('tells of files of all kinds what lstat tells of each', async () => {
    mkdirSync(join(root, 'folder'), { mode: 0o1700 });
    writeFileSync(join(root, 'large'), '');
    const names = ['folder', 'large', 'link', 'nowhere', 'old', 'second', 'socket', 'z\xfc'];
    writeFileSync(Buffer.from(`${root}/z\xfc`, 'latin1'), 'x', { mode: 0o640 });
    writeFileSync(join(root, 'old'), 'before the epoch');
    utimesSync(join(root, 'old'), -1.5, -86_400.25);
    linkSync(join(root, 'old'), join(root, 'second'));
    symlinkSync('large', join(root, 'link'));
    symlinkSync('not there', join(root, 'nowhere'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    try {
      const tree = new ContextTree(root, undefined, 0n, 'buildkit');
      const listing = tree.list(tree.root);
      if (listing === undefined) throw new Error('no listing');
      expect(listing.names).toEqual(names);
      // All are looked at before the target of a link is read, which moves its time of access.
      const looks = names.map((name) => [lstatNode(`${root}/./${name}`), lookAtNode(`${root}/./${name}`)] as const);
      for (const [index, [one, other]] of looks.entries()) {
        const expected = told(one as FileNode);
        expect(told(other as FileNode)).toEqual(expected);
        expect(told(listing.node(index))).toEqual({ ...(expected as object), uid: 0, gid: 0 });
      }
      const stat = lstatSync(join(root, 'old'), { bigint: true });
      expect(listing.node(names.indexOf('old')).mtime).toBe(stat.mtimeNs);
      // Its client sends no sockets.
      const classic = new ContextTree(root, undefined, 0n, 'classic');
      expect(classic.list(classic.root)?.names).toEqual(names.filter((name) => name !== 'socket'));
      expect(classic.names(classic.root)).toEqual(names.filter((name) => name !== 'socket'));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('looks at a folder of more names than are read at once', () => {
    const names = Array.from({ length: 1500 }, (_, index) => `${String(index).padStart(5, '0')}-${'n'.repeat(200)}`);
    for (const name of [...names].reverse()) writeFileSync(join(root, name), name.slice(0, 5));
    const found = statFolder(root, () => true);
    expect(found?.names).toEqual(names);
    expect(found?.names).toHaveLength(1500);
  });

  it('asks for each name and its type, and leaves out what is not wanted', () => {
    mkdirSync(join(root, 'in'));
    writeFileSync(join(root, 'a'), '');
    const asked = new Map<string, number>();
    const found = statFolder(root, (name, type) => {
      asked.set(name, type);
      return name !== 'a';
    });
    expect(found?.names).toEqual(['in']);
    expect(asked.get('in')).toBe(TYPE_DIR);
    expect([...asked.keys()].sort()).toEqual(['a', 'in']);
    expect([TYPE_DIR, TYPE_SOCKET]).not.toContain(asked.get('a'));
  });

  it('leaves it to lstat to say what is wrong with a folder', () => {
    expect(statFolder(join(root, 'missing'), () => true)).toBeUndefined();
    writeFileSync(join(root, 'file'), '');
    expect(statFolder(join(root, 'file'), () => true)).toBeUndefined();
  });
});
