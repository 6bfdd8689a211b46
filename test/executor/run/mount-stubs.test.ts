import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeMountStubs, missingStubs, removeMountStubs } from '../../../src/executor/run/mount-stubs.ts';
import { setTimes } from '../../../src/host/syscalls.ts';
import { freshFolder } from './rootfs.ts';

let folder = '';
let root = '';
beforeEach(() => {
  folder = freshFolder();
  root = join(folder, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('missingStubs', () => {
  it('names the files and the folders above that are not there', () => {
    expect(missingStubs(root, true)).toEqual(['/etc/resolv.conf', '/etc', '/etc/hosts', '/etc']);
    expect(missingStubs(root, false)).toEqual(['/etc/resolv.conf', '/etc/hosts']);
    expect(missingStubs(root, true, ['/dev/pipes']).slice(-2)).toEqual(['/dev/pipes', '/dev']);
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/hosts'), '');
    expect(missingStubs(root, true)).toEqual(['/etc/resolv.conf']);
  });

  it('looks behind links, inside the root', () => {
    symlinkSync('../../../usr/etc', join(root, 'etc'));
    expect(missingStubs(root, false)).toEqual(['/usr/etc/resolv.conf', '/usr/etc/hosts']);
  });
});

describe('makeMountStubs', () => {
  it('makes nothing outside where a link leads there', () => {
    mkdirSync(join(folder, 'outside'));
    for (const name of ['proc', 'dev', 'sys', 'etc']) symlinkSync(join(folder, 'outside', name), join(root, name));
    makeMountStubs(root);
    expect(readdirSync(join(folder, 'outside'))).toEqual([]);
    expect(readdirSync(join(root, folder, 'outside')).sort()).toEqual(['dev', 'etc', 'proc', 'sys']);
  });

  it('leaves what is in the way', () => {
    writeFileSync(join(root, 'etc'), 'file');
    writeFileSync(join(root, 'dev'), 'file');
    makeMountStubs(root);
    expect(readdirSync(root).sort()).toEqual(['dev', 'etc', 'proc', 'sys']);
    expect(lstatSync(join(root, 'dev')).isFile()).toBe(true);
  });
});

describe('removeMountStubs', () => {
  it('keeps the times of the folder around, and what is not empty', () => {
    const missing = missingStubs(root, true);
    makeMountStubs(root);
    writeFileSync(join(root, 'etc/hosts'), 'written by the command');
    setTimes(join(root, 'etc'), 1n, 7_000_000_123n);
    removeMountStubs(root, missing, true);
    expect(readdirSync(join(root, 'etc'))).toEqual(['hosts']);
    expect(lstatSync(join(root, 'etc'), { bigint: true }).mtimeNs).toBe(7_000_000_123n);
  });

  it('leaves folders where only files are taken away, as Docker 20.10 does', () => {
    const missing = missingStubs(root, false, ['/mounted/here']);
    makeMountStubs(root);
    mkdirSync(join(root, 'mounted/here'), { recursive: true });
    removeMountStubs(root, missing, false);
    expect(readdirSync(join(root, 'etc'))).toEqual([]);
    expect(readdirSync(join(root, 'mounted'))).toEqual(['here']);
  });

  it('never removes a file outside, whatever the command put in the way', () => {
    const missing = missingStubs(root, true);
    makeMountStubs(root);
    mkdirSync(join(folder, 'victim'));
    for (const name of ['hosts', 'resolv.conf']) writeFileSync(join(folder, 'victim', name), '');
    rmSync(join(root, 'etc'), { recursive: true });
    symlinkSync(join(folder, 'victim'), join(root, 'etc'));
    removeMountStubs(root, missing, true);
    expect(readdirSync(join(folder, 'victim')).sort()).toEqual(['hosts', 'resolv.conf']);
  });
});
