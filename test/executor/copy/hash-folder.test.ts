import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DIALECT_28 } from '../../../src/committer/tar-dialect.ts';
import { hashChange } from '../../../src/committer/tar-hash/hash-change.ts';
import { sourceText, stampOf } from '../../../src/executor/cache/source-stamp.ts';
import { ContextTree } from '../../../src/executor/context/context-tree.ts';
import { copyBuildkit } from '../../../src/executor/copy/copy-buildkit.ts';
import { findSources } from '../../../src/executor/copy/find-sources.ts';
import { type FolderJob, lookAtFolder } from '../../../src/executor/copy/folder-hash/hash-folder.ts';
import { encodeTarHeader, NO_XATTRS } from '../../../src/formats/tar-header.ts';
import { FACT_WORDS } from '../../../src/host/file-facts.ts';
import { copies28 } from '../../../src/profiles/copy-format.ts';
import { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { MergedView } from '../../../src/snapshot/merged-view.ts';

// The time of BuildKit's own compatibility fixtures: 2015-10-21T07:28:00Z.
const TIME = 1445412480;
const NS = 1_000_000_000n;

/** The stamp of a folder, and its digest; undefined where it has none. */
function hashFolder(
  job: FolderJob,
  isStopped: () => boolean,
): { readonly stamp: string; readonly digest: string } | undefined {
  const look = lookAtFolder(job);
  const digest = look?.hash(isStopped);
  return look === undefined || digest === undefined ? undefined : { stamp: look.stamp.digest, digest };
}

describe('lookAtFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-hash-folder-'));
    mkdirSync(join(root, 'inputs'), { mode: 0o755 });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const at = (name: string): string => join(root, 'inputs', name);
  const file = (name: string, text: string | Buffer, mode = 0o644): void => writeFileSync(at(name), text, { mode });
  const never = (): boolean => false;
  const context = (): ContextTree => new ContextTree(root, undefined, 0n, 'buildkit');
  const action = { sources: ['inputs'], parents: false, excludes: [] };
  const stamp = (): string => stampOf(context(), action, copies28)?.digest ?? '';
  const job = (more: Partial<FolderJob> = {}): FolderJob => {
    const [found] = findSources(context(), 'inputs');
    const facts = found?.node.facts?.();
    if (found === undefined || facts === undefined) throw new Error('no folder');
    const nothing = { size: 0, linkname: '', uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS };
    const header = { name: 'inputs/', type: '5' as const, mode: 0o755, uid: 0, gid: 0, mtime: TIME, ...nothing };
    return {
      ...{ path: join(root, 'inputs'), prefix: 'inputs/', before: encodeTarHeader(header), uid: 0, gid: 0 },
      ...{ latest: TIME, taken: '', source: sourceText('inputs', found) },
      facts: facts.words.slice(facts.at, facts.at + FACT_WORDS),
      ...more,
    };
  };
  /** What a plan of the copy and the hash of its tar give. */
  const planned = async (latestTime: bigint | undefined): Promise<string | undefined> => {
    const tree = new ChangeTree(new MergedView([]), () => BigInt(TIME) * NS);
    await copyBuildkit(tree, {
      ...{ ...action, source: context(), destination: '/inputs', owner: undefined, mode: undefined, format: copies28 },
      ...{ fetched: new Map(), unpacksFetched: false, documents: [], archives: undefined },
      ...{ madeTime: BigInt(TIME) * NS, now: () => BigInt(TIME) * NS },
    });
    return hashChange(tree, { dialect: DIALECT_28, latestTime });
  };

  // Published by BuildKit (client/testdata/compatibility): the diff id of this very tree.
  it('gives the published diff id', () => {
    mkdirSync(at('git'), { mode: 0o755 });
    file('git/git.txt', 'git fixture\n');
    file('git/nested.txt', 'nested fixture\n');
    file('http.txt', 'http fixture\n', 0o600);
    file('llb.txt', 'llb fixture\n');
    const found = hashFolder(job(), never);
    expect(found?.digest).toMatch(/^sha256:92280859/);
    expect(found?.stamp).toBe(stamp());
  });

  it('gives what the plan gives, whatever ordinary files there are', async () => {
    for (const folder of ['a', 'a/b', 'a.b', 'empty', 'x'.repeat(120)]) mkdirSync(at(folder));
    for (const [name, size] of [
      ...[
        ['a/none', 0] as const,
        ['a/b/block', 512] as const,
        ['a/b/odd', 513] as const,
        ['a.b/large', 700_001] as const,
      ],
      ...[['z', 1] as const, [`${'x'.repeat(120)}/${'y'.repeat(100)}`, 7] as const, ['näme', 3] as const],
    ]) {
      file(name, Buffer.alloc(size, name), 0o751);
      utimesSync(at(name), 1, 1_400_000_000.75 + size);
    }
    utimesSync(at('a'), -5.5, -5.5);
    symlinkSync('b/odd', at('a/link'));
    symlinkSync('../'.repeat(60), at('far'));
    for (const latest of [undefined, 1_400_000_100n]) {
      const one = job({
        before: (await folderHeader(latest)) ?? new Uint8Array(),
        latest: latest === undefined ? Number.POSITIVE_INFINITY : Number(latest),
      });
      expect(hashFolder(one, never)?.digest).toBe(await planned(latest === undefined ? undefined : latest * NS));
    }
  });

  /** The header of the folder itself, as it is on the disk. */
  const folderHeader = async (latest: bigint | undefined): Promise<Buffer> => {
    const seconds = Math.floor(Number(findSources(context(), 'inputs')[0]?.node.mtime) / 1e9);
    const nothing = { size: 0, linkname: '', uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS };
    const mtime = latest === undefined ? seconds : Math.min(seconds, Number(latest));
    return encodeTarHeader({ name: 'inputs/', type: '5', mode: 0o755, uid: 0, gid: 0, mtime, ...nothing });
  };

  it('takes the stamp that a plan takes', () => {
    mkdirSync(at('sub'));
    file('sub/one', 'one');
    file('two', 'two');
    expect(lookAtFolder(job())?.stamp).toEqual(stampOf(context(), action, copies28));
  });

  it('gives nothing for what it cannot tell', () => {
    file('one', 'one');
    expect(hashFolder(job({ taken: 'none\0one' }), never)).toBeUndefined();
    expect(hashFolder(job({ taken: 'none\0other' }), never)).toBeDefined();
    expect(hashFolder(job({ path: join(root, 'nowhere') }), never)).toBeUndefined();
    expect(hashFolder(job(), () => true)).toBeUndefined();
    linkSync(at('one'), at('same'));
    expect(hashFolder(job(), never)).toBeUndefined();
    rmSync(at('same'));
    expect(hashFolder(job(), never)).toBeDefined();
    expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
    expect(hashFolder(job(), never)).toBeUndefined();
    rmSync(at('pipe'));
    const large = Buffer.alloc(24 * 1024 * 1024);
    file('large', large);
    expect(hashFolder(job(), never)).toBeUndefined();
    rmSync(at('large'));
    for (let index = 0; index < 1500; index++) file(`f${index}`, '');
    expect(hashFolder(job(), never)).toBeUndefined();
  });

  it.each([
    [64, true],
    [65, false],
  ])('holds no more folders open than a process can have: %i within each other', (depth, expected) => {
    file('one', 'one');
    const deep = 'd/'.repeat(depth);
    mkdirSync(at(deep), { recursive: true });
    file(`${deep}two`, 'two');
    expect(hashFolder(job(), never) !== undefined).toBe(expected);
  });
});
