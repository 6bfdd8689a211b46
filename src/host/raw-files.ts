import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { type ByteString, fsPath, putByteString } from '../formats/bytestring.ts';
import { addressOf, type LibcFunction, lastErrno, libcHas, type Native, nativeCall } from './libc.ts';

/**
 * The calls of node:fs that a copy makes for each of its files, and what they throw; where the C library can be called directly, a
 * call costs half as much, and no object is made for it.
 */
export interface RawFiles {
  open(path: ByteString, flags: number, mode?: number): number;
  /** As `open`, for a path of `length` bytes that stands in `memory` from `at` on, a zero byte behind it; in a folder, if one is given. */
  openAt(memory: Memory, at: number, length: number, flags: number, mode: number, folder?: OpenFolder): number;
  /** Reads from where the file is to `memory`, which is `into` from `at` on. */
  read(fd: number, memory: Memory, at: number, size: number): number;
  write(fd: number, memory: Memory, at: number, size: number): number;
  close(fd: number): void;
}

/** A folder that names are looked for in. */
export interface OpenFolder {
  readonly fd: number;
  readonly path: ByteString;
}

/** Bytes, and where they lie (see addressOf). */
export interface Memory {
  readonly bytes: Buffer;
  readonly address: number;
}

const USED: readonly LibcFunction[] = ['openat', 'read', 'write', 'close'];
/** Of 64 bits: an address fits into a number. */
const KNOWN: ReadonlySet<string> = new Set(['x64', 'arm64']);

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
/** The longest path and the zero byte behind it. */
const LONGEST_PATH = 4096;

let opened: RawFiles | undefined;

export function rawFiles(): RawFiles {
  opened ??= isUsable() ? byLibc() : byNode();
  return opened;
}

function isUsable(): boolean {
  return process.platform === 'linux' && KNOWN.has(process.arch) && USED.every(libcHas);
}

/** What a buffer is to `rawFiles`. The buffer has to be held as long as that is used. */
export function memoryOf(bytes: Buffer): Memory {
  return { bytes, address: isUsable() ? addressOf(bytes) : 0 };
}

/** What fails is asked of Node once more, which tells what the matter is. */
function byLibc(): RawFiles {
  const node = byNode();
  const path = Buffer.allocUnsafeSlow(LONGEST_PATH);
  const pathAt = addressOf(path);
  const [openat, read, write, close] = USED.map(nativeCall) as [Native, Native, Native, Native];
  return {
    open: (name, flags, mode = 0o666) => {
      if (name.length >= LONGEST_PATH) return node.open(name, flags, mode);
      path[putByteString(path, name, 0)] = 0;
      const fd = openat(AT_FDCWD, pathAt, flags | O_CLOEXEC, mode) as number;
      return fd < 0 ? node.open(name, flags, mode) : fd;
    },
    openAt: (memory, at, length, flags, mode, folder) => {
      if (length + (folder?.path.length ?? 0) + 1 < LONGEST_PATH) {
        const fd = openat(folder?.fd ?? AT_FDCWD, memory.address + at, flags | O_CLOEXEC, mode) as number;
        if (fd >= 0) return fd;
      }
      return node.openAt(memory, at, length, flags, mode, folder);
    },
    read: (fd, memory, at, size) => {
      const count = read(fd, memory.address + at, size) as number;
      return count < 0 ? node.read(fd, memory, at, size) : count;
    },
    write: (fd, memory, at, size) => {
      const count = write(fd, memory.address + at, size) as number;
      return count < 0 ? node.write(fd, memory, at, size) : count;
    },
    close: (fd) => {
      // The number may be another file's by now: Node is not asked.
      if (close(fd) !== 0) throw closeError(-lastErrno());
    },
  };
}

function closeError(errno: number): Error {
  const [code, message] = getSystemErrorMap().get(errno) ?? [`E${-errno}`, 'unknown error'];
  return Object.assign(new Error(`${code}: ${message}, close`), { code, errno, syscall: 'close' });
}

function byNode(): RawFiles {
  return {
    open: (path, flags, mode) => openSync(fsPath(path), flags, mode),
    openAt: ({ bytes }, at, length, flags, mode, folder) => {
      const name = bytes.toString('latin1', at, at + length);
      return openSync(fsPath(folder === undefined ? name : `${folder.path}/${name}`), flags, mode);
    },
    read: (fd, { bytes }, at, size) => readSync(fd, bytes, at, size, null),
    write: (fd, { bytes }, at, size) => writeSync(fd, bytes, at, size),
    close: closeSync,
  };
}
