import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyTree } from '../../../src/executor/run/copy-tree.ts';
import { fsPath } from '../../../src/formats/bytestring.ts';
import { makeDevice, mknod, S_IFCHR, S_IFIFO, setTimes } from '../../../src/host/syscalls.ts';
import { llistxattr, lsetxattr } from '../../../src/host/xattrs.ts';
import { freshFolder } from './rootfs.ts';

let folder = '';
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What find(1) and getfattr(1) say of a tree. */
function describeTree(root: string): string {
  const found = execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %T@ %l\\n'], { cwd: root, encoding: 'latin1' });
  return found.split('\n').sort().join('\n');
}

describe('copyTree', () => {
  it('keeps all that a file is', () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    mkdirSync(join(from, 'sub'), { recursive: true });
    mkdirSync(to);
    writeFileSync(join(from, 'file'), 'content');
    writeFileSync(fsPath(`${from}/\xff\xfe`), 'bytes');
    chownSync(join(from, 'file'), 5, 6);
    chmodSync(join(from, 'file'), 0o4755);
    linkSync(join(from, 'file'), join(from, 'sub/same'));
    symlinkSync('file', join(from, 'link'));
    mknod(join(from, 'fifo'), S_IFIFO | 0o600, 0n);
    mknod(join(from, 'null'), S_IFCHR | 0o666, makeDevice(1, 3));
    lsetxattr(join(from, 'file'), 'user.x', Buffer.from('y'));
    lsetxattr(join(from, 'sub'), 'trusted.overlay.opaque', Buffer.from('y'));
    for (const name of ['file', 'link', 'fifo', 'sub', '.']) setTimes(join(from, name), 1n, 1_500_000_000_123_456_789n);
    copyTree(from, to);
    expect(describeTree(to)).toBe(describeTree(from));
    expect(lstatSync(join(to, 'file')).ino).toBe(lstatSync(join(to, 'sub/same')).ino);
    expect(llistxattr(join(to, 'file'))).toEqual(['user.x']);
    expect(llistxattr(join(to, 'sub'))).toEqual([]);
  });

  it('says what is in the way', () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    mkdirSync(from);
    mkdirSync(to);
    writeFileSync(join(from, 'x'), '');
    writeFileSync(join(to, 'x'), 'other');
    expect(() => copyTree(from, to)).toThrow(expect.objectContaining({ code: 'LL_IO' }));
  });
});
