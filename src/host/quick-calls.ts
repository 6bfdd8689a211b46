import { constants } from 'node:fs';
import type { ByteString } from '../formats/bytestring.ts';
import { addressOf, lastErrno, libcHas, libcIsNear, type Native, nativeCall } from './libc.ts';

/**
 * Looks and reads of small files as Node's own calls would do them, in a third of their time: paths and answers lie in memory that
 * stays, and what is not there makes no error. Each gives undefined for what is not there, and null where it cannot tell: on
 * hosts without these calls, before they are worth loading, and whenever a call fails. Then Node's call is to be asked.
 */
export type Quickly<T> = T | undefined | null;

/** Of 64 bits, and the lower byte first. */
const KNOWN: ReadonlySet<string> = new Set(['x64', 'arm64']);
/** To load what makes these calls takes as long as two hundred of Node's. Where so many came, many more will come. */
const WORTH_LOADING = 64;

/** Where things lie in the memory: a path with its zero byte, a struct statx, what was read. */
const [PATH, STAT, CONTENT] = [0, 4096, 4352] as const;
const STATX_SIZE = 256;
const EMPTY_PATH = STAT - 1;
/** Bytes of a file that can be read quickly. */
const CONTENT_ROOM = 64 * 1024;

const [ENOENT, EINVAL] = [2, 22] as const;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const O_CLOEXEC = 0o2000000;
/** Never through a link, and never waiting for a writer of a fifo. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0) | O_CLOEXEC;
const READ_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | O_CLOEXEC;
/** struct linux_dirent64: where its length of 16 bits and its name stand; a zero byte ends the name. */
const [RECORD_LENGTH, RECORD_NAME] = [16, 19] as const;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

/** Words of struct statx, the kernel's own, the same on all processors. Of two words the lower one comes first. */
export const [STATX_NLINK, STATX_UID, STATX_GID, STATX_MODE, STATX_INO, STATX_FILE_SIZE, STATX_BLOCKS] = [
  4, 5, 6, 7, 8, 10, 12,
] as const;
export const [STATX_ATIME, STATX_MTIME, STATX_RDEV, STATX_DEVICE] = [16, 28, 32, 34] as const;

interface Memory {
  readonly bytes: Buffer;
  readonly at: number;
  readonly stat: Uint32Array;
  readonly calls: Readonly<Record<(typeof CALLS)[number], Native>>;
}

const CALLS = ['statx', 'openat', 'read', 'readlink', 'close', 'getdents64'] as const;

let asked = 0;
let memory: Quickly<Memory>;

/** The words of the kernel's struct statx (STATX_* says which), good until the next call of any kind here. Follows no link. */
export function statQuickly(path: ByteString): Quickly<Uint32Array> {
  const room = memoryFor(path);
  if (room === null) return null;
  const { at, stat, calls } = room;
  const result = calls.statx(AT_FDCWD, at + PATH, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, at + STAT);
  return result === 0 ? stat : absence();
}

/** Whether nothing is there; false also where that cannot be told. */
export function isQuicklyAbsent(path: ByteString): boolean {
  return statQuickly(path) === undefined;
}

/** Whether something is there; false also where that cannot be told. */
export function isQuicklyThere(path: ByteString): boolean {
  return (statQuickly(path) ?? undefined) !== undefined;
}

/** Whether a folder is there; false also where that cannot be told. */
export function isQuicklyFolder(path: ByteString): boolean {
  const stat = statQuickly(path);
  return stat !== undefined && stat !== null && ((stat[STATX_MODE] as number) & S_IFMT) === S_IFDIR;
}

/** The bytes of a file as a byte string; null for a file of more than `limit` bytes and for what cannot be read. */
export function readTextQuickly(path: ByteString, limit: number): Quickly<string> {
  const room = memoryFor(path);
  if (room === null || limit >= CONTENT_ROOM) return null;
  const { bytes, at, calls } = room;
  const fd = calls.openat(AT_FDCWD, at + PATH, READ, 0);
  if (fd < 0) return absence();
  const count = Number(calls.read(fd, at + CONTENT, limit + 1));
  calls.close(fd);
  return count < 0 || count > limit ? null : bytes.toString('latin1', CONTENT, CONTENT + count);
}

/** The bytes of a regular file, in a buffer of their own; null for a file of more than `limit` bytes or 64 KiB. */
export function readFileQuickly(path: ByteString, limit: number): Quickly<Buffer> {
  const room = memoryFor(path);
  if (room === null) return null;
  const { bytes, at, stat, calls } = room;
  const fd = calls.openat(AT_FDCWD, at + PATH, READ, 0);
  if (fd < 0) return absence();
  const most = Math.min(limit, CONTENT_ROOM - 1);
  const result = calls.statx(fd, at + EMPTY_PATH, AT_EMPTY_PATH, STATX_BASIC_STATS, at + STAT);
  const isFile = result === 0 && ((stat[STATX_MODE] as number) & S_IFMT) === S_IFREG;
  const count = isFile ? Number(calls.read(fd, at + CONTENT, most + 1)) : -1;
  calls.close(fd);
  return count < 0 || count > most ? null : Buffer.from(bytes.subarray(CONTENT, CONTENT + count));
}

/** The text of a symbolic link; undefined also for what is none. */
export function readLinkQuickly(path: ByteString): Quickly<ByteString> {
  const room = memoryFor(path);
  if (room === null) return null;
  const { bytes, at, calls } = room;
  const count = Number(calls.readlink(at + PATH, at + CONTENT, CONTENT_ROOM));
  if (count < 0) return lastErrno() === EINVAL ? undefined : absence();
  return count === CONTENT_ROOM ? null : bytes.toString('latin1', CONTENT, CONTENT + count);
}

/**
 * The names in a folder that have `part` in them, as byte strings in no order, without `.` and `..`. Of thousands that have it not, no text is
 * made. Null also for more than `most` of them.
 */
export function namesQuickly(
  path: ByteString,
  part: ByteString = '',
  most = Number.POSITIVE_INFINITY,
): Quickly<ByteString[]> {
  const room = memoryFor(path);
  if (room === null) return null;
  const { bytes, at, calls } = room;
  const fd = calls.openat(AT_FDCWD, at + PATH, READ_FOLDER, 0);
  if (fd < 0) return absence();
  const found: ByteString[] = [];
  for (;;) {
    const size = Number(calls.getdents64(fd, at + CONTENT, CONTENT_ROOM));
    const records = bytes.subarray(CONTENT, CONTENT + size);
    if (size > 0 && (part === '' || records.includes(part, 0, 'latin1'))) takeNames(records, part, found);
    if (size > 0 && found.length <= most) continue;
    calls.close(fd);
    return size < 0 || found.length > most ? null : found;
  }
}

function takeNames(records: Buffer, part: ByteString, found: ByteString[]): void {
  for (let at = 0; at < records.length; at += records.readUInt16LE(at + RECORD_LENGTH)) {
    const name = records.toString('latin1', at + RECORD_NAME, records.indexOf(0, at + RECORD_NAME));
    if (name !== '.' && name !== '..' && name.includes(part)) found.push(name);
  }
}

/** What it means that the last call failed. Whether a file where a folder should be is a failure too depends on who asks. */
function absence(): undefined | null {
  return lastErrno() === ENOENT ? undefined : null;
}

/** The memory with a path in it. */
function memoryFor(path: ByteString): Memory | null {
  if (memory === undefined) {
    asked += 1;
    if (!libcIsNear(asked > WORTH_LOADING)) return null;
    memory = openMemory();
  }
  if (memory === null || path.length >= EMPTY_PATH || path.includes('\0')) return null;
  memory.bytes.write(path, PATH, 'latin1');
  memory.bytes[PATH + path.length] = 0;
  return memory;
}

function openMemory(): Memory | null {
  const usable = process.platform === 'linux' && KNOWN.has(process.arch);
  if (!usable || !CALLS.every(libcHas)) return null;
  const bytes = Buffer.allocUnsafeSlow(CONTENT + CONTENT_ROOM);
  bytes[EMPTY_PATH] = 0;
  const stat = new Uint32Array(bytes.buffer, bytes.byteOffset + STAT, STATX_SIZE / 4);
  const [statx, openat, read, readlink, close, getdents64] = CALLS.map(nativeCall) as [
    ...[Native, Native, Native],
    ...[Native, Native, Native],
  ];
  return { bytes, at: addressOf(bytes), stat, calls: { statx, openat, read, readlink, close, getdents64 } };
}
