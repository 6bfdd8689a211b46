import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FileBatch } from '../../src/committer/ahead/file-batch.ts';
import type { Writers } from '../../src/committer/ahead/open-writers.ts';
import { placeBatch } from '../../src/committer/ahead/place-batch.ts';
import { scanUpper } from '../../src/committer/scan-upper.ts';
import { DIALECT_28 } from '../../src/committer/tar-dialect.ts';
import { writeChangeAhead } from '../../src/committer/write-change.ts';
import { loadCrc64 } from '../../src/formats/crc64.ts';
import { lgetxattr, lsetxattr } from '../../src/host/xattrs.ts';
import { ChangeTree } from '../../src/snapshot/change-tree.ts';
import { lstatNode } from '../../src/snapshot/disk-node.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';

// The time of BuildKit's own compatibility fixtures: 2015-10-21T07:28:00Z.
const TIME = 1445412480n * 1_000_000_000n;

// Needs root: owners, and attributes that the layer keeps.
describe('writeChangeAhead', () => {
  let root: string;
  let diff: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-ahead-'));
    diff = join(root, 'diff');
    mkdirSync(diff);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** What the threads do, a moment later in this one. */
  const writersOf = async (depth: number, seen: FileBatch[] = [], milliseconds = 0): Promise<Writers> => {
    return {
      depth,
      place: async (batch) => {
        seen.push(batch);
        await new Promise((resolve) => (milliseconds > 0 ? setTimeout(resolve, milliseconds) : setImmediate(resolve)));
        placeBatch(batch, () => false);
      },
      read: async () => undefined,
      remove: () => undefined,
      close: async () => undefined,
    };
  };
  const change = (): ChangeTree => new ChangeTree(new MergedView([]), () => TIME);
  const folder = (tree: ChangeTree, path: string, mode = 0o755, gid = 0): void => {
    tree.makeDir(path.split('/'), { kind: 'dir', mode, uid: 0, gid, mtime: TIME });
  };
  const file = (tree: ChangeTree, path: string, text: string, more: { mode?: number; uid?: number } = {}): string => {
    const source = join(root, path.replaceAll('/', '_'));
    writeFileSync(source, text);
    const node = lstatNode(source);
    tree.put(path.split('/'), {
      ...{ kind: 'file', mode: more.mode ?? 0o644, uid: more.uid ?? 0, gid: more.uid ?? 0, mtime: TIME },
      size: Buffer.byteLength(text),
      content: { kind: 'file', path: source },
      xattrs: { xattrs: () => node?.xattrs() ?? new Map() },
    });
    return source;
  };
  const write = async (tree: ChangeTree, writers: Writers, faithful = true) =>
    writeChangeAhead(
      tree,
      {
        ...{ diff, faithful, dialect: DIALECT_28, crc: (await loadCrc64())() },
        ...{ latestTime: undefined, asFromTar: false },
      },
      writers,
    );

  // Published by BuildKit (client/testdata/compatibility): the diff id of this very tree.
  it('gives the published diff id with file modes', async () => {
    const tree = change();
    for (const path of ['inputs', 'inputs/git']) folder(tree, path);
    file(tree, 'inputs/git/git.txt', 'git fixture\n');
    file(tree, 'inputs/git/nested.txt', 'nested fixture\n');
    file(tree, 'inputs/http.txt', 'http fixture\n', { mode: 0o600 });
    file(tree, 'inputs/llb.txt', 'llb fixture\n');
    expect((await write(tree, await writersOf(1))).diffId).toMatch(/^sha256:92280859/);
  });

  it('leaves on the disk what hashes to the same layer, batch by batch, whatever lies between', async () => {
    const tree = change();
    const seen: FileBatch[] = [];
    for (let d = 0; d < 5; d++) {
      folder(tree, `d${d}`, d === 2 ? 0o2775 : 0o700 + d, d === 2 ? 50 : 0);
      for (let i = 0; i < 90; i++) {
        file(tree, `d${d}/f${i}`, 'x'.repeat(i * 97), {
          mode: i % 3 === 0 ? 0o4755 : 0o640,
          uid: i % 2 === 0 ? 0 : 1000,
        });
      }
      file(tree, `d${d}/f50-large`, 'y'.repeat(300_000));
      tree.put([`d${d}`, 'f51-link'], { kind: 'symlink', mode: 0o777, uid: 0, gid: 0, mtime: TIME, target: 'f1' });
      tree.link([`d${d}`, 'f52-again'], [`d${d}`, 'f1']);
    }
    const written = await write(tree, await writersOf(3, seen));
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen.map(({ slab }) => slab)).size).toBeLessThanOrEqual(4);
    const scanned = scanUpper(diff, { dialect: DIALECT_28, crc: (await loadCrc64())() });
    expect(scanned.diffId).toBe(written.diffId);
    expect(scanned.tarSplit.equals(written.tarSplit)).toBe(true);
    expect(scanned.diskSize).toBe(written.diskSize);
    expect(statSync(join(diff, 'd2/f7'))).toMatchObject({ uid: 1000, gid: 1000, mode: 0o100640 });
    // A folder with the set-group bit hands its group down, but not to what has one of its own.
    expect(statSync(join(diff, 'd2/f8')).gid).toBe(0);
    for (const path of ['d0', 'd3/f4']) expect(statSync(join(diff, path)).mtimeMs).toBe(Number(TIME / 1_000_000n));
  });

  it('makes the same layer of names and times that need more than one block, or no words', async () => {
    const tree = change();
    const names = ['a', 'b'.repeat(100), 'c'.repeat(101), 'd<&>"\\', 'e\xc3\xa9', 'f\xff', 'g', 'h\x08', 'i', 'j', 'k'];
    folder(tree, 'folder');
    for (const [index, name] of names.entries()) {
      const source = join(root, `source-${index}`);
      writeFileSync(source, name.repeat(index * 37));
      const mtime = name === 'g' ? -TIME : TIME + 999_999_999n;
      tree.put(['folder', name], {
        ...{
          kind: 'file',
          mode: 0o644,
          uid: name === 'j' ? 2 ** 22 : 0,
          gid: 0,
          mtime,
          size: name.length * index * 37,
        },
        ...{
          content: { kind: 'file', path: source },
          xattrs: { xattrs: () => lstatNode(source)?.xattrs() ?? new Map() },
        },
      });
    }
    // Permitted and inheritable: net_bind_service, as setcap writes it.
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    lsetxattr(join(root, 'source-4'), 'security.capability', capability);
    const layer = await write(tree, await writersOf(2));
    const scanned = scanUpper(diff, { dialect: DIALECT_28, crc: (await loadCrc64())() });
    expect(scanned.diffId).toBe(layer.diffId);
    expect(scanned.tarSplit.equals(layer.tarSplit)).toBe(true);
  });

  it('makes the same layer of a batch whose paths and lines are longer than there is room for at first', async () => {
    const tree = change();
    // 250 characters of which each is six in a line: what a header of one block with a prefix can hold.
    const deep = `${'p'.repeat(20)}/${'<'.repeat(130)}`;
    for (const path of [deep.slice(0, 20), deep]) folder(tree, path);
    const far = join(root, 's'.repeat(250), 's'.repeat(250), 's'.repeat(250));
    mkdirSync(far, { recursive: true });
    for (let index = 0; index < 150; index++) {
      const source = join(far, `${index}`);
      writeFileSync(source, `${index}`.repeat(index));
      const size = statSync(source).size;
      const name = index % 3 === 0 ? `plain-${index}` : `${'<'.repeat(90)}-${index}`;
      tree.put([...(index % 2 === 0 ? deep.split('/') : []), name], {
        ...{ kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: TIME, size },
        ...{ content: { kind: 'file', path: source }, xattrs: { xattrs: () => new Map() } },
      });
    }
    const seen: FileBatch[] = [];
    const layer = await write(tree, await writersOf(2, seen));
    expect(Math.max(...seen.map(({ paths }) => paths.length))).toBeGreaterThan(64 * 1024);
    const scanned = scanUpper(diff, { dialect: DIALECT_28, crc: (await loadCrc64())() });
    expect(scanned.diffId).toBe(layer.diffId);
    expect(scanned.tarSplit.equals(layer.tarSplit)).toBe(true);
  });

  it('ends the pieces in which tar-split is compressed where they end without threads', async () => {
    const tree = change();
    // More than 2 MiB of lines, most of them of batches that follow each other.
    for (let d = 0; d < 20; d++) {
      folder(tree, `d${d}`);
      for (let i = 0; i < 110; i++) file(tree, `d${d}/f${i}`, `${d} ${i}`);
    }
    const written = await write(tree, await writersOf(2));
    const scanned = scanUpper(diff, { dialect: DIALECT_28, crc: (await loadCrc64())() });
    expect(gunzipSync(scanned.tarSplit).length).toBeGreaterThan(2 << 20);
    expect(scanned.tarSplit.equals(written.tarSplit)).toBe(true);
  });

  it('sets extended attributes that only a look at the file shows', async () => {
    const tree = change();
    const source = file(tree, 'a', 'text');
    lsetxattr(source, 'user.note', Buffer.from('kept'));
    file(tree, 'b', 'text');
    await write(tree, await writersOf(1));
    expect(lgetxattr(join(diff, 'a'), 'user.note')?.toString()).toBe('kept');
    expect(statSync(join(diff, 'a')).mtimeMs).toBe(Number(TIME / 1_000_000n));
    expect(tree.root.children.get('a')?.xattrs().size).toBe(1);
    expect(tree.root.children.get('b')?.xattrs().size).toBe(0);
  });

  it('gives the user rights where the host cannot hold owners', async () => {
    const tree = change();
    file(tree, 'a', 'text', { mode: 0o4, uid: 7 });
    await write(tree, await writersOf(1), false);
    expect(statSync(join(diff, 'a'))).toMatchObject({ uid: 0, mode: 0o100604 });
    expect(readFileSync(join(diff, 'a'), 'utf8')).toBe('text');
  });

  it('fails where a file has become shorter, or another', async () => {
    const tree = change();
    file(tree, 'a', 'text');
    const source = file(tree, 'b', 'text');
    writeFileSync(source, 'te');
    await expect(write(tree, await writersOf(1))).rejects.toMatchObject({ code: 'LL_CONTEXT' });
    rmSync(source);
    rmSync(join(diff, 'a'));
    rmSync(join(diff, 'b'), { force: true });
    await expect(write(tree, await writersOf(1))).rejects.toMatchObject({ code: 'LL_IO' });
  });

  /** A plan of folders, each with files, that is told one folder at a time; the one around them stays open until all are there. */
  const planned = (tree: ChangeTree, folders: number, files: number) => {
    folder(tree, 'all');
    const all = tree.root.children.get('all');
    if (all === undefined) throw new Error('no folder');
    all.isOpen = true;
    let told = 0;
    return {
      more: () => {
        if (told === folders) {
          all.isOpen = false;
          return false;
        }
        const name = `all/d${String(told++).padStart(3, '0')}`;
        folder(tree, name);
        for (let i = 0; i < files; i++) file(tree, `${name}/f${i}`, `${name}-${i}`.repeat(i));
        tree.put([...name.split('/'), 'link'], {
          ...{ kind: 'symlink', mode: 0o777, uid: 0, gid: 0, mtime: TIME, target: 'f1' },
        });
        return true;
      },
      told: () => told,
    };
  };

  it('gives the same layer where folders are planned while the first are copied', async () => {
    const tree = change();
    const seen: FileBatch[] = [];
    const plan = planned(tree, 80, 32);
    const toldAt: number[] = [];
    const options = { diff, faithful: true, dialect: DIALECT_28, crc: (await loadCrc64())() };
    const layer = await writeChangeAhead(
      tree,
      { ...options, latestTime: undefined, asFromTar: false, onWait: () => toldAt.push(plan.told()) },
      await writersOf(2, seen, 5),
      { rest: plan },
    );
    // What it is waited for is used for work on the whole plan.
    expect(new Set(toldAt)).toEqual(new Set([80]));
    expect(new Set(seen.map(({ slab }) => slab)).size).toBeLessThanOrEqual(17);
    expect(seen.length).toBeGreaterThan(18);
    const scanned = scanUpper(diff, { dialect: DIALECT_28, crc: (await loadCrc64())() });
    expect(scanned.diffId).toBe(layer.diffId);
    expect(scanned.tarSplit.equals(layer.tarSplit)).toBe(true);
    expect(statSync(join(diff, 'all')).mtimeMs).toBe(Number(TIME / 1_000_000n));
  });

  it('says when all stands in its place, before the layer is there: flushing may begin', async () => {
    const tree = change();
    for (let index = 0; index < 200; index++) file(tree, `file-${index}`, `text ${index}`);
    const said: (number | string)[] = [];
    const options = { faithful: true, dialect: DIALECT_28, crc: (await loadCrc64())() };
    const more = { latestTime: undefined, asFromTar: false, onPlaced: () => said.push(readdirSync(diff).length) };
    await writeChangeAhead(tree, { diff, ...options, ...more }, await writersOf(2, [], 5)).then(() =>
      said.push('layer'),
    );
    expect(said).toEqual([200, 'layer']);
  });

  it('tells what planning throws, whatever copying threw before', async () => {
    const tree = change();
    const plan = planned(tree, 80, 32);
    const failing = {
      more: () => {
        if (plan.told() === 75) throw new Error('planned wrongly');
        return plan.more();
      },
    };
    const broken = { ...(await writersOf(2)), place: () => Promise.reject(new Error('copied wrongly')) };
    const options = {
      ...{ diff, faithful: true, dialect: DIALECT_28, crc: (await loadCrc64())() },
      ...{ latestTime: undefined, asFromTar: false },
    };
    await expect(writeChangeAhead(tree, options, broken, { rest: failing })).rejects.toThrow('planned wrongly');
    rmSync(diff, { recursive: true });
    mkdirSync(diff);
    const other = change();
    await expect(writeChangeAhead(other, options, broken, { rest: planned(other, 80, 32) })).rejects.toThrow(
      'copied wrongly',
    );
  });

  it('begins no file after it was told to stop', async () => {
    const tree = change();
    for (const name of ['a', 'b', 'c']) file(tree, name, 'text');
    const batches: FileBatch[] = [];
    const never: Writers = {
      depth: 1,
      place: (batch) => {
        batches.push(batch);
        return new Promise((_, reject) => setImmediate(() => reject(new Error('stopped'))));
      },
      read: async () => undefined,
      remove: () => undefined,
      close: async () => undefined,
    };
    await expect(write(tree, never)).rejects.toThrow('stopped');
    let asked = 0;
    placeBatch(batches[0] as FileBatch, () => ++asked > 1);
    expect(statSync(join(diff, 'a')).size).toBe(4);
    expect(statSync(join(diff, 'b'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
