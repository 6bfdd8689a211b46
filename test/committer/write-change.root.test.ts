import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scanUpper } from '../../src/committer/scan-upper.ts';
import { DIALECT_28 } from '../../src/committer/tar-dialect.ts';
import { writeChange } from '../../src/committer/write-change.ts';
import { loadCrc64 } from '../../src/formats/crc64.ts';
import { ChangeTree } from '../../src/snapshot/change-tree.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';

// The time of BuildKit's own compatibility fixtures: 2015-10-21T07:28:00Z.
const TIME = 1445412480n * 1_000_000_000n;
const dialect = DIALECT_28;

describe('writeChange', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-change-'));
    mkdirSync(join(root, 'diff'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const tree = (paths: readonly (readonly [path: string, text?: string, mode?: number])[]): ChangeTree => {
    const change = new ChangeTree(new MergedView([]), () => TIME);
    for (const [path, text, mode] of paths) {
      const at = path.split('/').filter((name) => name !== '');
      if (text === undefined) {
        change.makeDir(at, { kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: TIME });
        change.root.mtime = TIME;
        continue;
      }
      const source = join(root, at.join('_'));
      writeFileSync(source, text);
      change.put(at, {
        kind: 'file',
        mode: mode ?? 0o644,
        uid: 0,
        gid: 0,
        size: text.length,
        mtime: TIME,
        content: { kind: 'file', path: source },
      });
    }
    return change;
  };
  const write = async (change: ChangeTree, more = {}) =>
    writeChange(change, {
      diff: join(root, 'diff'),
      faithful: process.geteuid?.() === 0,
      dialect,
      crc: (await loadCrc64())(),
      latestTime: undefined,
      asFromTar: false,
      ...more,
    });

  // Published by BuildKit (client/testdata/compatibility): diff ids of these very trees.
  it('gives the published diff ids', async () => {
    const base = await write(tree([['base/'], ['base/base.txt', 'compatibility base\n'], ['proc/'], ['sys/']]));
    expect(base.diffId).toMatch(/^sha256:007165e9/);
  });

  it('gives the published diff id of nested folders', async () => {
    const generated = await write(
      tree([
        ['generated/'],
        ['generated/deeper/'],
        ['generated/deeper/nested.txt', 'nested-exec\n'],
        ['generated/exec.txt', 'exec-fixture\n'],
      ]),
    );
    expect(generated.diffId).toMatch(/^sha256:672c0da8/);
  });

  it('gives the published diff id with file modes', async () => {
    const inputs = await write(
      tree([
        ['inputs/'],
        ['inputs/git/'],
        ['inputs/git/git.txt', 'git fixture\n'],
        ['inputs/git/nested.txt', 'nested fixture\n'],
        ['inputs/http.txt', 'http fixture\n', 0o600],
        ['inputs/llb.txt', 'llb fixture\n'],
      ]),
    );
    expect(inputs.diffId).toMatch(/^sha256:92280859/);
  });

  it('knows the empty layer', async () => {
    const empty = await write(tree([]));
    expect(empty).toMatchObject({
      diffId: 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
      empty: true,
      tarSize: 1024,
      contentSize: 0,
    });
  });

  it('leaves on the disk what hashes to the same layer', async () => {
    const written = await write(tree([['a/'], ['a/f', 'text'], ['a/g', '', 0o4755]]));
    const scanned = scanUpper(join(root, 'diff'), { dialect, crc: (await loadCrc64())() });
    expect(scanned.diffId).toBe(written.diffId);
    expect(scanned.tarSplit.equals(written.tarSplit)).toBe(true);
    expect(statSync(join(root, 'diff/a')).mtimeMs).toBe(Number(TIME / 1_000_000n));
  });

  it('lets no time be later than the one it is given', async () => {
    const bound = (TIME / 1_000_000_000n - 100n) * 1_000_000_000n;
    await write(tree([['a/'], ['a/f', 'text']]), { latestTime: bound });
    expect(statSync(join(root, 'diff/a/f')).mtimeMs).toBe(Number(bound / 1_000_000n));
    expect(statSync(join(root, 'diff/a')).mtimeMs).toBe(Number(bound / 1_000_000n));
  });

  it('notices a source that becomes shorter while it is read', async () => {
    const change = tree([['f', 'some text']]);
    writeFileSync(join(root, 'f'), 'so');
    await expect(write(change)).rejects.toThrow('became shorter');
  });

  it('keeps both names of a linked fifo where the host holds no fifos', async () => {
    const change = tree([]);
    for (const name of ['one', 'two']) {
      change.put([name], { kind: 'fifo', mode: 0o600, uid: 0, gid: 0, mtime: TIME, inode: 'same' });
    }
    const projected = await write(change, { faithful: false });
    expect(readdirSync(join(root, 'diff'))).toEqual([]);
    rmSync(join(root, 'diff'), { recursive: true });
    mkdirSync(join(root, 'diff'));
    expect((await write(change)).diffId).toBe(projected.diffId);
    expect(readdirSync(join(root, 'diff'))).toEqual(['one', 'two']);
  });
});
