import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toByteString } from '../../src/formats/bytestring.ts';
import { diskRootFiles as files } from '../../src/host/disk-root-files.ts';

describe('diskRootFiles', () => {
  let dir = '';
  const at = (name: string) => toByteString(join(dir, name));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'layerlab-test-'));
    writeFileSync(join(dir, 'a'), 'hello world', { mode: 0o640 });
    utimesSync(join(dir, 'a'), 1, 2);
    linkSync(join(dir, 'a'), join(dir, 'same'));
    symlinkSync('a', join(dir, 'link'));
    mkdirSync(join(dir, 'folder'));
    writeFileSync(join(dir, 'folder', 'ä'), '');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('says what a file is', () => {
    expect(files.lstat(at('a'))).toMatchObject({ kind: 'file', mode: 0o640, size: 11, mtime: 2_000_000_000n });
    expect(files.lstat(at('a'))?.inode).toBe(files.lstat(at('same'))?.inode);
    expect(files.lstat(at('link'))).toMatchObject({ kind: 'symlink', size: 0, inode: '' });
    expect(files.lstat(at('folder'))?.kind).toBe('dir');
  });

  it('lists a folder in the order of bytes', () => {
    expect(files.names(at(''))).toEqual(['a', 'folder', 'link', 'same']);
    expect(files.names(at('folder'))).toEqual([toByteString('ä')]);
  });

  it('gives undefined for what is not there', () => {
    for (const call of [files.lstat, files.names, files.readlink, files.open]) {
      expect(call(at('missing'))).toBeUndefined();
      expect(call(at('a/below'))).toBeUndefined();
    }
    expect(files.names(at('a'))).toBeUndefined();
    expect(files.readlink(at('a'))).toBeUndefined();
  });

  it('reads a file from any position', () => {
    const file = files.open(at('a'));
    const buffer = Buffer.alloc(5);
    expect(file?.size).toBe(11);
    expect(file?.read(buffer, 6)).toBe(5);
    expect(buffer.toString()).toBe('world');
    expect(file?.read(buffer, 11)).toBe(0);
    file?.close();
  });

  it('follows no link and opens no folder', () => {
    expect(files.readlink(at('link'))).toBe('a');
    expect(() => files.open(at('link'))).toThrow('is not a regular file');
    expect(() => files.open(at('folder'))).toThrow('is not a regular file');
  });
});
