import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DIALECT_28 } from '../../src/committer/tar-dialect.ts';
import { hashChange } from '../../src/committer/tar-hash/hash-change.ts';
import { startTarHasher, type TarHasher } from '../../src/committer/tar-hash/tar-hasher.ts';
import { writeChange } from '../../src/committer/write-change.ts';
import { loadCrc64 } from '../../src/formats/crc64.ts';
import { lsetxattr } from '../../src/host/xattrs.ts';
import { ChangeTree } from '../../src/snapshot/change-tree.ts';
import { lstatNode } from '../../src/snapshot/disk-node.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';

// The time of BuildKit's own compatibility fixtures: 2015-10-21T07:28:00Z.
const TIME = 1445412480n * 1_000_000_000n;
const SECOND = 1_000_000_000n;
const thread = resolve(import.meta.dirname, '../../dist/tar-hash-thread.cjs');

// Needs root: an attribute that the layer keeps.
describe('hashChange', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-hash-change-'));
    mkdirSync(join(root, 'diff'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const change = (): ChangeTree => new ChangeTree(new MergedView([]), () => TIME);
  const folder = (tree: ChangeTree, path: string): void => {
    tree.makeDir(path.split('/'), { kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: TIME });
  };
  const put = (tree: ChangeTree, path: string, source: string, more: { mode?: number; inode?: string } = {}): void => {
    const node = lstatNode(source);
    tree.put(path.split('/'), {
      ...{ kind: node?.kind ?? 'file', mode: 0o644, uid: 0, gid: 0, mtime: TIME, target: node?.target ?? '', ...more },
      size: node?.kind === 'file' ? node.size : 0,
      content: { kind: 'file', path: source },
      xattrs: { xattrs: () => node?.xattrs() ?? new Map() },
    });
  };
  const file = (tree: ChangeTree, path: string, text: string | Buffer, mode = 0o644): string => {
    const source = join(root, path.replaceAll(/[^a-z.]/g, '_').slice(-100));
    writeFileSync(source, text);
    put(tree, path, source, { mode });
    return source;
  };
  const hash = (tree: ChangeTree, latestTime?: bigint, hasher?: TarHasher) =>
    hashChange(tree, { dialect: DIALECT_28, latestTime, hasher });
  const written = async (tree: ChangeTree, latestTime?: bigint) =>
    writeChange(tree, {
      ...{ diff: join(root, 'diff'), faithful: true, dialect: DIALECT_28, crc: (await loadCrc64())() },
      ...{ latestTime, asFromTar: false },
    }).diffId;

  // Published by BuildKit (client/testdata/compatibility): diff ids of these very trees.
  it('gives the published diff ids', async () => {
    const inputs = change();
    for (const path of ['inputs', 'inputs/git']) folder(inputs, path);
    file(inputs, 'inputs/git/git.txt', 'git fixture\n');
    file(inputs, 'inputs/git/nested.txt', 'nested fixture\n');
    file(inputs, 'inputs/http.txt', 'http fixture\n', 0o600);
    file(inputs, 'inputs/llb.txt', 'llb fixture\n');
    expect(await hash(inputs)).toMatch(/^sha256:92280859/);
    const base = change();
    for (const path of ['base', 'proc', 'sys']) folder(base, path);
    file(base, 'base/base.txt', 'compatibility base\n');
    expect(await hash(base)).toMatch(/^sha256:007165e9/);
  });

  it('knows the empty layer', async () => {
    expect(await hash(change())).toBe('sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef');
  });

  it('gives the digest of what would be written, whatever lies in the tree', async () => {
    const tree = change();
    for (const path of ['d', 'd/sub', 'e']) folder(tree, path);
    file(tree, 'd/empty', '');
    file(tree, 'd/block', 'x'.repeat(512));
    file(tree, 'd/large', Buffer.alloc(700_001, 'large'));
    file(tree, `d/${'long'.repeat(40)}`, 'a name that needs more than a block');
    file(tree, 'd/\xc3\xa9', 'a name beyond ASCII');
    file(tree, 'd.', 'before the folder behind it');
    const first = file(tree, 'd/sub/first', 'one file of two names');
    linkSync(first, join(root, 'second'));
    put(tree, 'd/sub/second', join(root, 'second'), { inode: 'same' });
    put(tree, 'e/third', join(root, 'second'), { inode: 'same' });
    symlinkSync('../nowhere', join(root, 'link'));
    put(tree, 'e/link', join(root, 'link'));
    const capable = file(tree, 'e/capable', 'with an attribute');
    lsetxattr(capable, 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex'));
    const digest = await hash(tree);
    expect(digest).toBe(await written(tree));
  });

  it('lets no time be later than the one it is given', async () => {
    const tree = change();
    folder(tree, 'd');
    file(tree, 'd/f', 'text');
    const free = await hash(tree);
    const bound = await hash(tree, TIME - 5n * SECOND);
    expect(bound).not.toBe(free);
    expect(bound).toBe(await written(tree, TIME - 5n * SECOND));
  });

  it('says nothing of contents that have no file of their own', async () => {
    const tree = change();
    tree.put(['f'], {
      ...{ kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: TIME, size: 1 },
      content: { kind: 'part', source: { path: join(root, 'archive'), stamp: '' }, offset: 0 },
    });
    expect(await hash(tree)).toBeUndefined();
  });

  it('notices a source that became shorter', async () => {
    const tree = change();
    const source = file(tree, 'f', 'twelve bytes');
    writeFileSync(source, 'few');
    await expect(hash(tree)).rejects.toThrow(/became shorter while it was read/);
  });

  describe('by a thread', () => {
    let hasher: TarHasher;
    beforeEach(() => {
      hasher = startTarHasher(thread);
    });
    afterEach(() => hasher.close());

    it('gives the published diff id, one tar after the other', async () => {
      const base = change();
      for (const path of ['base', 'proc', 'sys']) folder(base, path);
      file(base, 'base/base.txt', 'compatibility base\n');
      const both = [hash(base, undefined, hasher), hash(base, undefined, hasher)];
      for (const digest of await Promise.all(both)) expect(digest).toMatch(/^sha256:007165e9/);
      expect(hasher.isReady()).toBe(true);
    });

    it('leaves to a closer look what has extended attributes', async () => {
      const tree = change();
      const capable = file(tree, 'capable', 'with an attribute');
      lsetxattr(capable, 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex'));
      file(tree, 'plain', 'without');
      const digest = await hash(tree, undefined, hasher);
      const plain = change();
      file(plain, 'capable', 'with an attribute');
      file(plain, 'plain', 'without');
      expect(digest).toBe(await written(tree));
      expect(digest).not.toBe(await hash(plain, undefined, hasher));
    });

    it('says what failed in words of the catalogue, and goes on with the next', async () => {
      const tree = change();
      const source = file(tree, 'f', 'twelve bytes');
      rmSync(source);
      await expect(hash(tree, undefined, hasher)).rejects.toMatchObject({ code: 'LL_IO' });
      writeFileSync(source, 'few');
      await expect(hash(tree, undefined, hasher)).rejects.toThrow(/became shorter while it was read/);
      expect(await hash(change(), undefined, hasher)).toMatch(/^sha256:5f70bf18/);
    });

    it('takes nothing any more when it has ended', async () => {
      await hasher.close();
      expect(hasher.isReady()).toBe(false);
      await expect(hash(change(), undefined, hasher)).rejects.toMatchObject({ code: 'LL_IO' });
    });
  });
});
