import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lgetxattr, llistxattr, lremovexattr, lsetxattr } from '../../src/host/xattrs.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-xattrs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function python(program: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', program, ...args], { encoding: 'utf8' }).trim();
}

describe('extended attributes', () => {
  it('are read as others wrote them and written as others read them', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    python('import os,sys; os.setxattr(sys.argv[1], "user.a", bytes(range(256)))', path);
    expect(lgetxattr(path, 'user.a')).toEqual(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    lsetxattr(path, 'trusted.overlay.opaque', Buffer.from('y'));
    expect(python('import os,sys; print(os.getxattr(sys.argv[1], "trusted.overlay.opaque"))', path)).toBe("b'y'");
    expect(llistxattr(path).sort()).toEqual(['trusted.overlay.opaque', 'user.a']);
  });

  it('may be longer than the usual buffer', () => {
    const path = join(folder, 'long');
    writeFileSync(path, '');
    const value = Buffer.alloc(3000, 0xab);
    lsetxattr(path, 'user.long', value);
    expect(lgetxattr(path, 'user.long')).toEqual(value);
  });

  it('may be empty, and are then not absent', () => {
    const path = join(folder, 'empty');
    writeFileSync(path, '');
    lsetxattr(path, 'user.e', Buffer.alloc(0));
    expect(lgetxattr(path, 'user.e')).toEqual(Buffer.alloc(0));
    expect(lgetxattr(path, 'user.f')).toBeUndefined();
  });

  it('of a symlink are its own', () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')];
    writeFileSync(target, '');
    symlinkSync('target', link);
    lsetxattr(link, 'trusted.t', Buffer.from('l'));
    expect(llistxattr(target)).toEqual([]);
    expect(llistxattr(link)).toEqual(['trusted.t']);
  });

  it('are removed, and removing again is no failure', () => {
    const path = join(folder, 'removed');
    writeFileSync(path, '');
    lsetxattr(path, 'user.r', Buffer.from('1'));
    lremovexattr(path, 'user.r');
    lremovexattr(path, 'user.r');
    expect(llistxattr(path)).toEqual([]);
  });

  it('of a file that is not there are an error', () => {
    expect(() => llistxattr(join(folder, 'no'))).toThrow(/ENOENT/);
    expect(() => lgetxattr(join(folder, 'no'), 'user.a')).toThrow(/ENOENT/);
  });
});
