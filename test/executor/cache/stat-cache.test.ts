import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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
import { openStatCache, type StatCache } from '../../../src/executor/cache/stat-cache.ts';
import { type DiskNode, lstatNode } from '../../../src/snapshot/disk-node.ts';
import { dataRootPaths } from '../../../src/store/layout.ts';

const SECOND = 1_000_000_000n;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the digests kept of a context', () => {
  let root: string;
  let file: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-stats-'));
    file = join(root, 'file');
    folder = join(root, 'layerlab/cache/stats');
    writeFileSync(file, 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const node = (path = file): DiskNode => {
    const found = lstatNode(path);
    if (found === undefined) throw new Error(`no ${path}`);
    return found;
  };
  /** Long after all files here were changed. */
  const later = (): bigint => BigInt(Date.now()) * 1_000_000n + 3600n * SECOND;
  const open = (subject = 'context', openedAt = later()): StatCache =>
    openStatCache({ paths: dataRootPaths(root), subject: [subject], openedAt });
  const keep = (cache: StatCache, text = 'one', path = 'file'): void => {
    cache.keep(path, node(), digestOf(text));
    cache.save();
  };
  const onlyFile = (): string => join(folder, readdirSync(folder)[0] as string);

  it('are found again by another process, for these very files alone', () => {
    keep(open());
    expect(open().find('file', node())).toBe(digestOf('one'));
    expect(open().find('other', node())).toBeUndefined();
    expect(open('another context').find('file', node())).toBeUndefined();
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('do not stand for a file of the same size whose time was put back', () => {
    keep(open());
    const { atime, mtime } = statSync(file);
    writeFileSync(file, 'two');
    utimesSync(file, atime, mtime);
    expect(open().find('file', node())).toBeUndefined();
  });

  it('do not stand for another file under the same name, with the same size and time', () => {
    keep(open());
    const { atime, mtime } = statSync(file);
    writeFileSync(join(root, 'new'), 'two');
    utimesSync(join(root, 'new'), atime, mtime);
    renameSync(join(root, 'new'), file);
    expect(open().find('file', node())).toBeUndefined();
  });

  it('are not kept of a file that was changed in the tick in which it was read', () => {
    const changed = BigInt((node().signature.split(':') as string[])[4] as string);
    for (const openedAt of [changed, changed + SECOND, changed + 2n * SECOND]) {
      keep(open('context', openedAt));
      expect(open().find('file', node())).toBeUndefined();
    }
    keep(open('context', changed + 2n * SECOND + 1n));
    expect(open().find('file', node())).toBe(digestOf('one'));
  });

  it('are not kept where the clock was set back behind the file', () => {
    keep(open('context', later() - 7200n * SECOND));
    expect(existsSync(folder)).toBe(false);
  });

  it('are not kept of a file with several names, whose hash goes by the first of them', () => {
    linkSync(file, join(root, 'again'));
    const cache = open();
    keep(cache);
    expect(cache.find('file', node())).toBeUndefined();
  });

  it('are not believed where the build is to believe nothing, and made anew', () => {
    keep(open(), 'wrong');
    const anew = openStatCache({ paths: dataRootPaths(root), subject: ['context'], openedAt: later(), anew: true });
    expect(anew.find('file', node())).toBeUndefined();
    keep(anew);
    expect(anew.find('file', node())).toBe(digestOf('one'));
    expect(open().find('file', node())).toBe(digestOf('one'));
  });

  it.each<[string, (path: string) => void]>([
    ['one that was cut', (path) => writeFileSync(path, readFileSync(path).subarray(0, -10))],
    ['one with a byte changed', (path) => writeFileSync(path, readFileSync(path, 'latin1').replace(/.\0$/, '7\0'))],
    [
      'one with another digest',
      (path) => writeFileSync(path, readFileSync(path, 'latin1').replaceAll(digestOf('one'), digestOf('two'))),
    ],
    ['an empty one', (path) => writeFileSync(path, '')],
    ['another program’s', (path) => writeFileSync(path, Buffer.alloc(5000, 0xff))],
    [
      'a link',
      (path) => {
        renameSync(path, join(root, 'moved'));
        symlinkSync(join(root, 'moved'), path);
      },
    ],
    [
      'a folder',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('are none where something else stands in their place: %s', (_, spoil) => {
    keep(open());
    spoil(onlyFile());
    const cache = open();
    expect(cache.find('file', node())).toBeUndefined();
    expect(() => keep(cache)).not.toThrow();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are none where they are those of another context under a new name', () => {
    keep(open('one'));
    const mine = onlyFile();
    keep(open('two'), 'two');
    const other = readdirSync(folder)
      .map((name) => join(folder, name))
      .find((path) => path !== mine) as string;
    renameSync(other, mine);
    expect(open('one').find('file', node())).toBeUndefined();
  });

  it('hold names with any byte in them but zero', () => {
    const names = ['a\nb', 'a\tb', ' 0', '\xff\xfe', '..', 'x'.repeat(4000), '{"a":1}'];
    const cache = open();
    for (const [at, name] of names.entries()) cache.keep(name, node(), digestOf(String(at)));
    cache.save();
    const again = open();
    expect(names.map((name) => again.find(name, node()))).toEqual(names.map((_, at) => digestOf(String(at))));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are whole after two builds at once: those of the one or of the other', () => {
    keep(open(), 'one', 'before');
    const [first, second] = [open(), open()];
    first.find('before', node());
    second.find('before', node());
    keep(first, 'one', 'of the first');
    keep(second, 'one', 'of the second');
    const found = open();
    expect(found.find('before', node())).toBe(digestOf('one'));
    expect(found.find('of the second', node())).toBe(digestOf('one'));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are forgotten of files that are not met again, and of contexts that are not built', () => {
    keep(open(), 'one', 'gone');
    for (let build = 0; build < 9; build++) keep(open(), 'one', 'file');
    expect(open().find('gone', node())).toBe(digestOf('one'));
    keep(open(), 'one', 'file');
    expect(open().find('gone', node())).toBeUndefined();
    for (let context = 0; context < 40; context++) keep(open(`context ${context}`));
    expect(readdirSync(folder)).toHaveLength(32);
    expect(open('context 39').find('file', node())).toBe(digestOf('one'));
  });
});
