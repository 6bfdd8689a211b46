import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, compareBytes, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from './io-error.ts';
import {
  readLinkQuickly,
  STATX_ATIME,
  STATX_BLOCKS,
  STATX_DEVICE,
  STATX_FILE_SIZE,
  STATX_GID,
  STATX_INO,
  STATX_MODE,
  STATX_MTIME,
  STATX_NLINK,
  STATX_RDEV,
  STATX_UID,
  statQuickly,
} from './quick-calls.ts';
import type { RootFile, RootFileKind, RootFiles, RootStat } from './root-files.ts';
import { makeDevice, splitDevice } from './syscalls.ts';
import { lgetxattr, llistxattr } from './xattrs.ts';

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const S_IFMT = 0o170000;
/** `st_blocks` counts these, whatever the file system's blocks are. */
const BLOCK = 512;
const kinds: ReadonlyMap<number, RootFileKind> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
]);
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
const NO_LINK = new Set(['EINVAL', 'UNKNOWN']);

/** The data-root as a folder of this host. */
export const diskRootFiles: RootFiles = {
  lstat: (path) => {
    const quick = statQuickly(path);
    return quick === null ? attempt(path, () => stat(path)) : quick && fromKernel(quick);
  },
  names: (path) => attempt(path, () => readdirSync(fsPath(path), { encoding: 'latin1' }).sort()),
  kinds: (path) => attempt(path, () => kindsIn(path)),
  // Windows says UNKNOWN of what is no link.
  readlink: (path) => {
    const quick = readLinkQuickly(path);
    return quick === null ? attempt(path, () => readlinkSync(fsPath(path), { encoding: 'latin1' }), NO_LINK) : quick;
  },
  open: (path) => attempt(path, () => open(path)),
  xattrs: (path) => {
    if (process.platform !== 'linux') return new Map();
    const found = new Map<string, Buffer>();
    for (const name of llistxattr(path)) {
      const value = lgetxattr(path, name);
      if (value !== undefined) found.set(name, value);
    }
    return found;
  },
};

function attempt<T>(path: ByteString, fn: () => T | undefined, absent?: ReadonlySet<string>): T | undefined {
  try {
    return fn();
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (ABSENT.has(errno) || absent?.has(errno) === true) return undefined;
    if (errno === 'ELOOP' || errno === 'ENXIO') throw notRegular(path);
    throw ioError(error, `reading ${fromByteString(path)}`);
  }
}

function stat(path: ByteString): RootStat | undefined {
  const found = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const kind = kinds.get(Number(found.mode) & S_IFMT) ?? 'socket';
  const device = kind === 'char' || kind === 'block' ? splitDevice(found.rdev) : { major: 0, minor: 0 };
  return {
    kind,
    mode: Number(found.mode) & 0o7777,
    uid: Number(found.uid),
    gid: Number(found.gid),
    size: kind === 'file' ? Number(found.size) : 0,
    allocated: Number(found.blocks ?? 0n) * BLOCK,
    mtime: found.mtimeNs,
    atime: found.atimeNs,
    major: device.major,
    minor: device.minor,
    inode: kind !== 'dir' && found.nlink > 1n ? `${found.dev}:${found.ino}` : '',
  };
}

const NS = 1_000_000_000n;
const WORD = 2 ** 32;

/** The same from the kernel's own words. */
function fromKernel(words: Uint32Array): RootStat {
  const word = (at: number): number => words[at] as number;
  // Exact below 2^53, as Number() of what Node says.
  const wide = (at: number): number => word(at + 1) * WORD + word(at);
  const time = (at: number): bigint => BigInt((word(at + 1) | 0) * WORD + word(at)) * NS + BigInt(word(at + 2));
  const mode = word(STATX_MODE) & 0xffff;
  const kind = kinds.get(mode & S_IFMT) ?? 'socket';
  const isDevice = kind === 'char' || kind === 'block';
  return {
    kind,
    mode: mode & 0o7777,
    uid: word(STATX_UID),
    gid: word(STATX_GID),
    size: kind === 'file' ? wide(STATX_FILE_SIZE) : 0,
    allocated: wide(STATX_BLOCKS) * BLOCK,
    mtime: time(STATX_MTIME),
    atime: time(STATX_ATIME),
    major: isDevice ? word(STATX_RDEV) : 0,
    minor: isDevice ? word(STATX_RDEV + 1) : 0,
    inode: kind !== 'dir' && word(STATX_NLINK) > 1 ? inodeOf(words) : '',
  };
}

function inodeOf(words: Uint32Array): string {
  const [major = 0, minor = 0] = words.subarray(STATX_DEVICE);
  const [low = 0, high = 0] = words.subarray(STATX_INO);
  return `${makeDevice(major, minor)}:${(BigInt(high) << 32n) | BigInt(low)}`;
}

/** Sorted as `names` are. */
function kindsIn(path: ByteString): ReadonlyMap<ByteString, RootFileKind | undefined> {
  const entries = readdirSync(fsPath(path), { encoding: 'latin1', withFileTypes: true });
  entries.sort((a, b) => compareBytes(a.name, b.name));
  return new Map(entries.map((entry) => [entry.name, kindOf(entry)]));
}

function kindOf(entry: Dirent): RootFileKind | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'dir';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isCharacterDevice()) return 'char';
  if (entry.isBlockDevice()) return 'block';
  if (entry.isFIFO()) return 'fifo';
  return entry.isSocket() ? 'socket' : undefined;
}

function open(path: ByteString): RootFile {
  const fd = openSync(fsPath(path), FLAGS);
  const found = fstatSync(fd);
  if (!found.isFile()) {
    closeSync(fd);
    throw notRegular(path);
  }
  return {
    size: found.size,
    read: (buffer, position) => {
      try {
        return readSync(fd, buffer, 0, buffer.length, position);
      } catch (error) {
        throw ioError(error, `reading ${fromByteString(path)}`);
      }
    },
    close: () => closeSync(fd),
  };
}

function notRegular(path: ByteString): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `${fromByteString(path)} is not a regular file`);
}
