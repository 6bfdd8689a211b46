import { closeSync, constants, futimesSync, lutimesSync, openSync, writeSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from './io-error.ts';
import {
  addressOf,
  call,
  callAside,
  cString,
  errnoError,
  lastErrno,
  libcHas,
  libcIsNear,
  type Native,
  nativeCall,
  rawCall,
} from './libc.ts';

/** File type bits of a mode, for mknod. */
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFIFO = 0o010000;

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const NS = 1_000_000_000n;

/** Linux's 64-bit device number of a major and a minor number (glibc's gnu_dev_makedev). */
export function makeDevice(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}

/** The major and minor number of a device number (`Stats.rdev`). */
export function splitDevice(device: number | bigint): { readonly major: number; readonly minor: number } {
  const d = BigInt(device);
  return {
    major: Number(((d >> 32n) & 0xfffff000n) | ((d >> 8n) & 0xfffn)),
    minor: Number(((d >> 12n) & 0xffffff00n) | (d & 0xffn)),
  };
}

/** Makes a device node or a fifo; `mode` holds the type bits too, and the umask takes its part of it. */
export function mknod(path: ByteString, mode: number, device: bigint): void {
  if (libcHas('mknod')) {
    call('mknod', path, cString(path), mode, device);
    return;
  }
  const cell = Buffer.alloc(8);
  cell.writeBigUInt64LE(device);
  call('__xmknod', path, 0, cString(path), mode, cell);
}

/** Makes an overlay whiteout: a character device 0/0 with mode 0. Needs no CAP_MKNOD on Linux 5.8 and later. */
export function makeWhiteout(path: ByteString): void {
  mknod(path, S_IFCHR, 0n);
}

/**
 * Sets both times of a file in nanoseconds since the epoch (before it: negative), a symlink's own where it is one. Where
 * the host is not Linux the times are rounded to what Node can set.
 */
export function setTimes(path: ByteString, atimeNs: bigint, mtimeNs: bigint): void {
  if (process.platform !== 'linux') {
    try {
      lutimesSync(fsPath(path), Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
    } catch (error) {
      throw ioError(error, 'Setting the times of a file');
    }
    return;
  }
  const times = new BigInt64Array(toTimespecs(atimeNs, mtimeNs));
  call('utimensat', path, AT_FDCWD, cString(path), times, AT_SYMLINK_NOFOLLOW);
}

/** Two times as the system takes them: seconds and nanoseconds of the one, then of the other. */
export function toTimespecs(atimeNs: bigint, mtimeNs: bigint): readonly [bigint, bigint, bigint, bigint] {
  let [atime, mtime] = [atimeNs / NS, mtimeNs / NS];
  let [atimeRest, mtimeRest] = [atimeNs - atime * NS, mtimeNs - mtime * NS];
  // Seconds are rounded down, also before the epoch.
  if (atimeRest < 0n) [atime, atimeRest] = [atime - 1n, atimeRest + NS];
  if (mtimeRest < 0n) [mtime, mtimeRest] = [mtime - 1n, mtimeRest + NS];
  return [atime, atimeRest, mtime, mtimeRest];
}

/** Times of many files, as `toTimespecs` gives them: four numbers each. To be held as long as they are used. */
export interface Timespecs {
  readonly numbers: BigInt64Array;
  /** Where they lie. */
  readonly address: number;
}

const TIMESPECS_SIZE = 32;
let futimens: Native | undefined;

export function timespecsIn(numbers: BigInt64Array): Timespecs {
  const isUsed = process.platform === 'linux';
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { numbers, address: isUsed ? addressOf(bytes) : 0 };
}

/** As `setTimes`, for an open file and the times of the `index`th file. */
export function setOpenTimes(fd: number, { numbers, address }: Timespecs, index: number): void {
  if (process.platform === 'linux') {
    futimens ??= nativeCall('futimens');
    if (futimens(fd, address + index * TIMESPECS_SIZE) === 0) return;
    throw ioError(errnoError(-lastErrno(), 'futimens'), 'A system call failed');
  }
  const [atime = 0n, atimeRest = 0n, mtime = 0n, mtimeRest = 0n] = numbers.subarray(index * 4, index * 4 + 4);
  try {
    futimesSync(fd, Number(atime) + Number(atimeRest) / 1e9, Number(mtime) + Number(mtimeRest) / 1e9);
  } catch (error) {
    throw ioError(error, 'Setting the times of a file');
  }
}

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** flock(2) on an open file: `operation` is one of LOCK_*, or-ed with LOCK_NB (then EWOULDBLOCK is thrown: see errnoOf). */
export function flock(fd: number, operation: number): void {
  call('flock', undefined, fd, operation);
}

/** Writes everything that is pending on the file system of an open file to the disk. */
export function syncfs(fd: number): void {
  call('syncfs', undefined, fd);
}

const O_CLOEXEC = 0o2000000;

/**
 * A new pipe as two open files, neither of which a child inherits by itself. For a child's output: unlike the sockets that
 * Node makes, a pipe can be opened once more, as `> /dev/stdout` does.
 */
export function makePipe(): { readonly readFd: number; readonly writeFd: number } {
  const fds = Buffer.alloc(8);
  call('pipe2', undefined, fds, O_CLOEXEC);
  return { readFd: fds.readInt32LE(0), writeFd: fds.readInt32LE(4) };
}

const F_SETFL = 4;

/** Has reads of an open file of ours say EAGAIN where there is nothing yet. */
export function setNonBlocking(fd: number): void {
  call('fcntl', undefined, fd, F_SETFL, constants.O_NONBLOCK);
}

const F_DUPFD_CLOEXEC = 1030;

/**
 * Has the kernel make room for so many open files of this process, beside this thread; it is no failure where it does not. Room is for 64 at first, and
 * where a process has threads, whoever opens one more waits 10 to 15 ms until nobody can be looking at the old table (expand_fdtable of
 * Linux' fs/file.c).
 */
export async function makeRoomForFiles(count: number): Promise<void> {
  const fd = openSync('/dev/null', 'r');
  try {
    const last = await callAside('fcntl', fd, F_DUPFD_CLOEXEC, count - 1);
    if (last >= 0) closeSync(last);
  } finally {
    closeSync(fd);
  }
}

/** Pieces of a pipe are read into this memory, and copied out of it. */
let piece: Buffer | undefined;
/** As much as a pipe holds. */
const PIECE = 65_536;
const EAGAIN = 11;

/**
 * What can be read of an open file at once that does not wait (`setNonBlocking`): empty at its end, undefined where there is nothing yet. An
 * exception of Node's for that takes eight times as long. Throws LL_IO.
 */
export function readWaiting(fd: number): Buffer | undefined {
  piece ??= Buffer.allocUnsafeSlow(PIECE);
  const count = rawCall('read', fd, addressOf(piece), PIECE);
  if (count >= 0) return Buffer.from(piece.subarray(0, count));
  if (count === -EAGAIN) return undefined;
  throw ioError(errnoError(count, 'read'), 'Reading what a program says');
}

const MFD_CLOEXEC = 1;

/**
 * An open file that holds these bytes in memory only and has no name, its offset at the start: for what must not lie on a
 * disk. The caller closes it.
 */
export function memoryFile(content: Buffer): number {
  const fd = call('memfd_create', undefined, cString('layerlab'), MFD_CLOEXEC);
  for (let at = 0; at < content.length; ) at += writeSync(fd, content, at, content.length - at, at);
  return fd;
}

const MFD_ALLOW_SEALING = 2;
const MFD_EXEC = 0x10;
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL, _SHRINK, _GROW and _WRITE: all that runtimes look for in a copy of themselves. */
const ALL_SEALS = 15;

/**
 * A program in memory that nobody can change any more, to be executed by its name in /proc/<pid>/fd. A host may be told to
 * execute none (vm.memfd_noexec): then it has no right to be executed. The caller closes it.
 */
export function sealedProgram(content: Buffer): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  let fd: number;
  try {
    fd = call('memfd_create', undefined, cString('layerlab'), flags | MFD_EXEC);
  } catch (error) {
    // Kernels before 6.3 do not know the last of them, and need it not.
    if (errnoOf(error) !== 'EINVAL') throw error;
    fd = call('memfd_create', undefined, cString('layerlab'), flags);
  }
  try {
    for (let at = 0; at < content.length; ) at += writeSync(fd, content, at, content.length - at, at);
    call('fcntl', undefined, fd, F_ADD_SEALS, ALL_SEALS);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * As syncFileSystemOf, beside this thread. What cannot be written is told here and to nobody else: the kernel tells it once.
 * Throws LL_IO.
 */
export async function syncFileSystemAside(folder: ByteString): Promise<void> {
  let fd: number | undefined;
  try {
    fd = openSync(fsPath(folder), 'r');
    if ((await callAside('syncfs', fd)) < 0) throw new Error('the file system could not be written to the disk');
  } catch (error) {
    throw ioError(error, 'Flushing a file system');
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const SYNC_FILE_RANGE_WRITE = 2;

/**
 * Has the bytes of an open file begin their way to the disk, where the host can. Promises nothing: fsync does, and it tells of what
 * failed here.
 */
export function beginWriting(fd: number): void {
  if (process.platform === 'linux' && libcIsNear(false) && libcHas('sync_file_range')) {
    rawCall('sync_file_range', fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  }
}

/** As syncfs, for the file system that a folder is on. */
export function syncFileSystemOf(folder: ByteString): void {
  let fd: number;
  try {
    fd = openSync(fsPath(folder), 'r');
  } catch (error) {
    throw ioError(error, 'Opening a folder');
  }
  try {
    syncfs(fd);
  } finally {
    closeSync(fd);
  }
}

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_REMOUNT = 32;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_PRIVATE = 1 << 18;
export const MS_SHARED = 1 << 20;
export const MNT_DETACH = 2;
export const UMOUNT_NOFOLLOW = 8;

/** mount(2). Paths and options are byte strings. */
export function mount(
  source: ByteString,
  target: ByteString,
  type: ByteString | null,
  flags: number,
  data: ByteString | null,
): void {
  call(
    'mount',
    target,
    cString(source),
    cString(target),
    type === null ? null : cString(type),
    flags,
    data === null ? null : cString(data),
  );
}

/** umount2(2); `flags` of MNT_DETACH and UMOUNT_NOFOLLOW. */
export function umount(target: ByteString, flags = 0): void {
  call('umount2', target, cString(target), flags);
}

/** As `umount`, in another thread; false where it failed, whatever the reason. */
export async function umountAside(target: ByteString, flags = 0): Promise<boolean> {
  return (await callAside('umount2', cString(target), flags)) >= 0;
}
