import { execFileSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { fsPath, toByteString } from '../../src/formats/bytestring.ts';
import { errnoOf } from '../../src/host/io-error.ts';
import {
  flock,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  makeDevice,
  makePipe,
  makeRoomForFiles,
  makeWhiteout,
  mknod,
  readWaiting,
  S_IFBLK,
  S_IFIFO,
  setNonBlocking,
  setTimes,
  splitDevice,
  syncFileSystemOf,
} from '../../src/host/syscalls.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-syscalls-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The error that a call throws. */
function failure(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('makeDevice', () => {
  it.each([
    // gnu_dev_makedev of glibc, e.g. python's os.makedev.
    [1, 3],
    [254, 0],
    [259, 300000],
    [4095, 1048575],
  ])('%d:%d', (major, minor) => {
    const golden = execFileSync('python3', ['-c', `import os;print(os.makedev(${major},${minor}))`], {
      encoding: 'utf8',
    });
    expect(makeDevice(major, minor)).toBe(BigInt(golden.trim()));
    expect(splitDevice(BigInt(golden.trim()))).toEqual({ major, minor });
  });
});

describe('mknod', () => {
  it('makes a block device with these numbers, as stat(1) sees it', () => {
    const path = join(folder, 'block');
    mknod(path, S_IFBLK | 0o600, makeDevice(254, 17));
    expect(execFileSync('stat', ['-c', '%F %a %t:%T', path], { encoding: 'utf8' })).toBe(
      'block special file 600 fe:11\n',
    );
  });

  it('makes a fifo whose name is not ASCII', () => {
    const path = toByteString(join(folder, 'größe'));
    mknod(path, S_IFIFO | 0o644, 0n);
    expect(lstatSync(join(folder, 'größe')).isFIFO()).toBe(true);
  });

  it('makes a whiteout as the kernel does', () => {
    const path = join(folder, 'gone');
    makeWhiteout(path);
    expect(execFileSync('stat', ['-c', '%F %a %t:%T', path], { encoding: 'utf8' })).toBe(
      'character special file 0 0:0\n',
    );
  });

  it('says that a name is taken', () => {
    const path = join(folder, 'taken');
    writeFileSync(path, '');
    const error = failure(() => makeWhiteout(path));
    expect(error).toBeInstanceOf(LayerlabError);
    expect(error).toMatchObject({ code: 'LL_IO', message: expect.stringContaining(`EEXIST: mknod '${path}'`) });
    expect(errnoOf(error)).toBe('EEXIST');
  });

  it('refuses a NUL in a name instead of cutting it', () => {
    expect(failure(() => makeWhiteout(`${folder}/a\0b`))).toMatchObject({ code: 'LL_IO' });
  });
});

describe('setTimes', () => {
  it('sets nanoseconds', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'x');
    setTimes(path, 1_000_000_001n, 1_577_934_245_123_456_789n);
    const { atimeNs, mtimeNs } = lstatSync(path, { bigint: true });
    expect([atimeNs, mtimeNs]).toEqual([1_000_000_001n, 1_577_934_245_123_456_789n]);
  });

  it('sets a time before the epoch', () => {
    const path = join(folder, 'old');
    writeFileSync(path, 'x');
    setTimes(path, 0n, -1_500_000_000n);
    expect(execFileSync('stat', ['-c', '%.9Y', path], { encoding: 'utf8' }).trim()).toBe('-1.500000000');
  });

  it('sets the times of a symlink, not of what it points at', () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')];
    mkdirSync(target);
    const before = lstatSync(target, { bigint: true }).mtimeNs;
    symlinkSync('target', link);
    setTimes(link, 5n, 7n);
    expect(lstatSync(link, { bigint: true }).mtimeNs).toBe(7n);
    expect(lstatSync(target, { bigint: true }).mtimeNs).toBe(before);
  });

  it('works on a name that is no UTF-8', () => {
    const path = `${folder}/\xff\xfe`;
    writeFileSync(fsPath(path), '');
    setTimes(path, 1n, 2n);
    expect(lstatSync(fsPath(path), { bigint: true }).mtimeNs).toBe(2n);
  });
});

describe('flock', () => {
  it('keeps a second opener out until it is let go', () => {
    const path = join(folder, 'lock');
    writeFileSync(path, '');
    const [first, second] = [openSync(path, 'r'), openSync(path, 'r')];
    try {
      flock(first, LOCK_EX);
      expect(errnoOf(failure(() => flock(second, LOCK_SH | LOCK_NB)))).toBe('EAGAIN');
      flock(first, LOCK_UN);
      expect(failure(() => flock(second, LOCK_SH | LOCK_NB))).toBeUndefined();
    } finally {
      closeSync(first);
      closeSync(second);
    }
  });
});

describe('syncFileSystemOf', () => {
  it('tells of a folder that is not there', () => {
    expect(failure(() => syncFileSystemOf(folder))).toBeUndefined();
    expect(errnoOf(failure(() => syncFileSystemOf(join(folder, 'no'))))).toBe('ENOENT');
  });
});

describe('readWaiting', () => {
  it('gives what there is, nothing yet, and the end of all', () => {
    const { readFd, writeFd } = makePipe();
    setNonBlocking(readFd);
    try {
      expect(readWaiting(readFd)).toBeUndefined();
      writeSync(writeFd, 'first');
      const first = readWaiting(readFd);
      writeSync(writeFd, 'second');
      expect([first?.toString(), readWaiting(readFd)?.toString()]).toEqual(['first', 'second']);
      expect(first?.toString()).toBe('first');
      expect(readWaiting(readFd)).toBeUndefined();
    } finally {
      closeSync(writeFd);
    }
    expect(readWaiting(readFd)).toHaveLength(0);
    closeSync(readFd);
  });

  it('tells of a file that cannot be read', () => {
    const fd = openSync(folder, 'r');
    expect(errnoOf(failure(() => readWaiting(fd)))).toBe('EISDIR');
    closeSync(fd);
  });
});

describe('makeRoomForFiles', () => {
  // proc(5): FDSize is the number of descriptor slots that are allocated.
  const room = (): number => Number(/^FDSize:\s*(\d+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);

  /** The highest number of an open file; jest opens and closes its own meanwhile. */
  const highest = (): number => Math.max(...readdirSync('/proc/self/fd').map(Number));

  it('widens the table of open files, and leaves none open', async () => {
    const before = room();
    await makeRoomForFiles(before * 2);
    expect(room()).toBeGreaterThanOrEqual(before * 2);
    expect(highest()).toBeLessThan(before);
  });

  it('is content where there may not be so many', async () => {
    const before = room();
    await makeRoomForFiles(2 ** 31 - 1);
    expect(room()).toBe(before);
  });
});
