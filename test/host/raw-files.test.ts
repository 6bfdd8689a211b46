import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptModes } from '../../src/host/kept-modes.ts';
import { memoryOf, rawFiles } from '../../src/host/raw-files.ts';

const MAKES = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

describe('the files of a copy, opened past Node', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-raw-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const failure = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      const { message, code, errno, syscall } = error as NodeJS.ErrnoException;
      return { message, code, errno, syscall };
    }
    throw new Error('it did not fail');
  };

  it('are made, written, and read into memory that threads share', () => {
    const files = rawFiles();
    const bytes = Buffer.from(new SharedArrayBuffer(64));
    bytes.write('..123456789', 0);
    const memory = memoryOf(bytes);
    const name = `${root}/\xe9\xff`;
    const made = files.open(name, MAKES, 0o600);
    expect(files.write(made, memory, 2, 9)).toBe(9);
    files.close(made);
    const place = Buffer.from(name, 'latin1');
    expect(readFileSync(place, 'utf8')).toBe('123456789');
    expect(statSync(place).mode).toBe(0o100600);
    const opened = files.open(name, constants.O_RDONLY);
    expect(readFileSync(`/proc/self/fdinfo/${opened}`, 'utf8')).toMatch(/flags:\s*02[0-7]{6}/);
    expect(files.read(opened, memory, 20, 40)).toBe(9);
    expect(files.read(opened, memory, 40, 20)).toBe(0);
    files.close(opened);
    expect(bytes.toString('latin1', 18, 31)).toBe('\0\x00123456789\0\0');
  });

  it('are named by bytes in memory, in a folder or not', () => {
    const files = rawFiles();
    const bytes = Buffer.alloc(256);
    const end = 10 + bytes.write(`${root}/\xe9\xff\0name\0`, 10, 'latin1');
    const memory = memoryOf(bytes);
    const length = end - 6 - 10;
    files.close(files.openAt(memory, 10, length, MAKES, 0o640));
    expect(statSync(bytes.subarray(10, 10 + length)).mode).toBe(0o100640);
    const folder = { fd: files.open(root, constants.O_RDONLY), path: root };
    files.close(files.openAt(memory, end - 5, 4, MAKES, 0o600, folder));
    expect(statSync(join(root, 'name')).mode).toBe(0o100600);
    const byPath = failure(() => openSync(join(root, 'name'), MAKES));
    expect(byPath).toMatchObject({ code: 'EEXIST' });
    expect(failure(() => files.openAt(memory, end - 5, 4, MAKES, 0o600, folder))).toEqual(byPath);
    expect(failure(() => files.openAt(memory, 10, length, MAKES, 0o600))).toMatchObject({ code: 'EEXIST' });
    files.close(folder.fd);
  });

  it('are not made in a folder by a path that is too long by itself', () => {
    const files = rawFiles();
    const name = `${'n'.repeat(200)}/`.repeat(20).slice(0, -1);
    const bytes = Buffer.from(`${name}\0`, 'latin1');
    const folder = { fd: files.open(root, constants.O_RDONLY), path: root };
    expect(name.length).toBeLessThan(4096);
    expect(failure(() => files.openAt(memoryOf(bytes), 0, name.length, MAKES, 0o600, folder))).toEqual(
      failure(() => openSync(`${root}/${name}`, MAKES)),
    );
    files.close(folder.fd);
  });

  it('fail in the words of Node', () => {
    const files = rawFiles();
    const missing = join(root, 'missing');
    const { O_RDONLY } = constants;
    expect(failure(() => files.open(missing, O_RDONLY))).toEqual(failure(() => openSync(missing, 'r')));
    writeFileSync(join(root, 'there'), '');
    const there = join(root, 'there');
    expect(failure(() => files.open(there, MAKES, 0o600))).toEqual(failure(() => openSync(there, 'wx')));
    const long = join(root, 'x'.repeat(5000));
    expect(failure(() => files.open(long, O_RDONLY))).toEqual(failure(() => openSync(long, 'r')));
    const folder = openSync(root, 'r');
    const memory = memoryOf(Buffer.allocUnsafeSlow(8));
    expect(failure(() => files.read(folder, memory, 0, 8))).toEqual(failure(() => readSync(folder, Buffer.alloc(8))));
    closeSync(folder);
    expect(failure(() => files.close(-1))).toEqual({
      message: 'EBADF: bad file descriptor, close',
      code: 'EBADF',
      errno: -9,
      syscall: 'close',
    });
  });

  it('keep the mode that they are made with unless the umask has a part in it', () => {
    const before = process.umask(0o027);
    try {
      const keeps = keptModes(root);
      expect([0o640, 0o750, 0o600, 0].map(keeps)).toEqual([true, true, true, true]);
      expect([0o644, 0o660, 0o4750, 0o1600].map(keeps)).toEqual([false, false, false, false]);
      process.umask(0);
      // Children of this process are begun with 022.
      expect([0o666, 0o755].map(keptModes(root))).toEqual([false, true]);
    } finally {
      process.umask(before);
    }
  });
});
