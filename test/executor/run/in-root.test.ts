import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirInRoot, resolveInRoot } from '../../../src/executor/run/in-root.ts';

let base = '';
let root = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'layerlab-in-root-'));
  root = join(base, 'root');
  mkdirSync(join(root, 'a/b'), { recursive: true });
  mkdirSync(join(base, 'root-evil'));
  symlinkSync('/a', join(root, 'abs'));
  symlinkSync('../../../..', join(root, 'a/up'));
  symlinkSync('../root-evil', join(root, 'sibling'));
  symlinkSync('loop2', join(root, 'loop1'));
  symlinkSync('loop1', join(root, 'loop2'));
  symlinkSync('/missing/deep', join(root, 'dangling'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('resolveInRoot', () => {
  it.each([
    ['/', ''],
    ['/a/./b//', '/a/b'],
    ['../../etc', '/etc'],
    ['/abs/b', '/a/b'],
    ['/abs/../x', '/x'],
    ['/a/up/a', '/a'],
    ['/a/up/../../etc/passwd', '/etc/passwd'],
    ['/sibling', '/root-evil'],
    ['/dangling/x', '/missing/deep/x'],
    ['/nothing/../a', '/a'],
  ])('%s', (path, expected) => {
    expect(resolveInRoot(root, path)).toBe(`${root}${expected}`);
  });

  it('gives up on a loop', () => {
    expect(() => resolveInRoot(root, '/loop1')).toThrow(expect.objectContaining({ code: 'LL_BREAKOUT' }));
  });
});

describe('mkdirInRoot', () => {
  it('makes what is missing, outermost first, and never above the root', () => {
    const made: string[] = [];
    mkdirInRoot(root, `${root}/a/n1/n2`, (path) => made.push(path));
    expect(made).toEqual([`${root}/a/n1`, `${root}/a/n1/n2`]);
    expect(statSync(`${root}/a/n1/n2`).mode & 0o777).toBe(0o755);
    mkdirInRoot(root, root, () => expect(true).toBe(false));
    expect(existsSync(root)).toBe(true);
  });

  it('does not go through a file', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => mkdirInRoot(root, `${root}/file/x`, () => {})).toThrow(/EEXIST|ENOTDIR/);
  });
});
