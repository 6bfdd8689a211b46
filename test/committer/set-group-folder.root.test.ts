import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settleUpper } from '../../src/committer/settle-upper.ts';
import { DIALECT_28 } from '../../src/committer/tar-dialect.ts';
import { writeChange } from '../../src/committer/write-change.ts';
import { loadCrc64 } from '../../src/formats/crc64.ts';
import { makeWhiteout, setTimes } from '../../src/host/syscalls.ts';
import { ChangeTree } from '../../src/snapshot/change-tree.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';

// Needs root: files get owners and devices are made.
describe('a change on the disk', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-group-'));
    mkdirSync(join(root, 'diff'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('belongs to whom its layer says, also in a folder that hands its group down', async () => {
    const change = new ChangeTree(new MergedView([]), () => 0n);
    const root0 = { uid: 0, gid: 0, mtime: 0n };
    const source = join(root, 'source');
    writeFileSync(source, 'x');
    change.makeDir(['s'], { kind: 'dir', mode: 0o2775, uid: 0, gid: 50, mtime: 0n });
    change.makeDir(['s', 'd'], { kind: 'dir', mode: 0o755, ...root0 });
    change.put(['s', 'p'], { kind: 'fifo', mode: 0o600, ...root0 });
    change.put(['s', 'f'], {
      kind: 'file',
      mode: 0o644,
      size: 1,
      ...root0,
      content: { kind: 'file', path: source },
    });
    writeChange(change, {
      diff: join(root, 'diff'),
      faithful: true,
      dialect: DIALECT_28,
      crc: (await loadCrc64())(),
      latestTime: undefined,
      asFromTar: false,
    });
    const seen = ['s', 's/d', 's/p', 's/f'].map((name) => {
      const { mode, gid } = statSync(join(root, 'diff', name));
      return `${name} ${(mode & 0o7777).toString(8)} ${gid}`;
    });
    expect(seen).toEqual(['s 2775 50', 's/d 755 0', 's/p 600 0', 's/f 644 0']);
  });

  // Docker 28.5 leaves a whiteout that its tar gives to root with the group of the folder around it; 20.10 does not.
  it('has whiteouts of a set-group folder with its group after their way through a tar, other names of them not', () => {
    for (const [whiteoutsOwned, group] of [
      [false, 50],
      [true, 0],
    ] as const) {
      const diff = join(root, `diff-${group}`);
      mkdirSync(join(diff, 's'), { recursive: true });
      makeWhiteout(join(diff, 'x'));
      linkSync(join(diff, 'x'), join(diff, 's/x'));
      chownSync(join(diff, 's'), 0, 50);
      chmodSync(join(diff, 's'), 0o2755);
      setTimes(join(diff, 's'), 5_000_000_000n, 5_000_000_000n);
      settleUpper(diff, { latestTime: undefined, asFromTar: true, whiteoutsOwned });
      expect([statSync(join(diff, 'x')).gid, statSync(join(diff, 's/x')).gid]).toEqual([0, group]);
      expect(statSync(join(diff, 's/x')).isCharacterDevice()).toBe(true);
      expect(statSync(join(diff, 's')).mtimeMs).toBe(5000);
    }
  });

  // moby/go-archive boundTime: what classic unpacks again has no time before 1970.
  it('has no time before 1970 after its way through a tar', () => {
    const path = join(root, 'diff/f');
    writeFileSync(path, 'x');
    setTimes(path, -5_000_000_000n, -5_000_000_000n);
    settleUpper(join(root, 'diff'), { latestTime: undefined, asFromTar: true, whiteoutsOwned: false });
    expect(statSync(path).mtimeMs).toBe(0);
  });
});
