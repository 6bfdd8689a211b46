import { getSystemErrorName } from 'node:util';
import type { ByteString } from '../formats/bytestring.ts';
import { ioError } from './io-error.ts';
import { addressOf, call, cString, errnoError, lastErrno, type Native, nativeCall, rawCall } from './libc.ts';

/** What Linux allows at most for a value and for a list of names (XATTR_SIZE_MAX, XATTR_LIST_MAX). */
const LARGEST = 65536;
/** Most values and lists are far shorter; a longer one costs a second call. */
const USUAL = 1024;

/** Failures that mean "there is none": no such attribute, or a file system without attributes. */
const ABSENT = new Set(['ENODATA', 'ENOTSUP', 'EOPNOTSUPP']);

let usual: Buffer | undefined;

function read(name: 'lgetxattr' | 'llistxattr', path: ByteString, args: readonly Buffer[]): Buffer | undefined {
  usual ??= Buffer.allocUnsafeSlow(USUAL);
  for (let buffer: Buffer = usual; ; buffer = Buffer.allocUnsafeSlow(LARGEST)) {
    const size = rawCall(name, cString(path), ...args, buffer, buffer.length);
    // A copy: the next call overwrites the buffer.
    if (size >= 0) return Buffer.from(buffer.toString('latin1', 0, size), 'latin1');
    // An error is made for who hears of it alone.
    const code = getSystemErrorName(size);
    if (code === 'ERANGE' && buffer.length < LARGEST) continue;
    if (ABSENT.has(code)) return undefined;
    throw ioError(errnoError(size, name, path), 'Reading extended attributes');
  }
}

/** The names of a file's extended attributes (a symlink's own); empty where the file system keeps none. */
export function llistxattr(path: ByteString): ByteString[] {
  const list = read('llistxattr', path, []);
  if (list === undefined || list.length === 0) return [];
  return list.toString('latin1', 0, list.length - 1).split('\0');
}

const LABEL = 'security.selinux\0';
let names: { readonly bytes: Buffer; readonly address: number; readonly list: Native } | undefined;

function openNames() {
  const bytes = Buffer.allocUnsafeSlow(LABEL.length);
  return { bytes, address: addressOf(bytes), list: nativeCall('flistxattr') };
}

/** Whether an open file has extended attributes other than the label that a security module gives to every file. */
export function mayHaveXattrs(fd: number): boolean {
  if (process.platform !== 'linux') return false;
  names ??= openNames();
  const size = names.list(fd, names.address, LABEL.length) as number;
  // Whatever the matter is, a closer look tells.
  if (size < 0) return !ABSENT.has(getSystemErrorName(-lastErrno()));
  return size > 0 && names.bytes.toString('latin1', 0, size) !== LABEL;
}

/** The value of an extended attribute; undefined where the file has none of that name. */
export function lgetxattr(path: ByteString, name: ByteString): Buffer | undefined {
  return read('lgetxattr', path, [cString(name)]);
}

/** Sets an extended attribute of a file or of a symlink itself. */
export function lsetxattr(path: ByteString, name: ByteString, value: Buffer): void {
  call('lsetxattr', path, cString(path), cString(name), value, value.length, 0);
}

/** Removes an extended attribute; one that is not there is no failure. */
export function lremovexattr(path: ByteString, name: ByteString): void {
  const result = rawCall('lremovexattr', cString(path), cString(name));
  if (result === 0) return;
  const error = errnoError(result, 'lremovexattr', path);
  if (error.code === undefined || !ABSENT.has(error.code)) throw ioError(error, 'Removing an extended attribute');
}
