import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { readFileQuickly, readTextQuickly, statQuickly } from '../host/quick-calls.ts';
import type { RootFiles } from '../host/root-files.ts';

/** Never wait for a writer of a fifo that stands where a file should. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Never handed out: what is read into it is a text before the next is. */
const scratch = Buffer.alloc(1025);

/**
 * The bytes of a file of the data-root, or undefined where it is not there. Throws LL_CORRUPT where it is no regular file
 * and LL_LIMIT where it is larger than `limit` bytes, before reading it.
 */
export function readSmallFile(path: ByteString, limit: number, files: RootFiles = diskRootFiles): Buffer | undefined {
  return files === diskRootFiles ? readFromDisk(path, limit) : readFrom(files, path, limit);
}

/**
 * The bytes of such a file as a byte string. A chain of layers has hundreds of them: all are read into one buffer.
 * Throws as `readSmallFile`; `limit` is at most 1024.
 */
export function readSmallText(path: ByteString, limit: number, files: RootFiles = diskRootFiles): string | undefined {
  if (files !== diskRootFiles) return readFrom(files, path, limit)?.toString('latin1');
  const text = readAtOnce(path, limit);
  return text === '' ? readFromDisk(path, limit)?.toString('latin1') : text;
}

/** As `readSmallText`, of a file that is mostly not there. */
export function readSeldomText(path: ByteString, limit: number, files: RootFiles = diskRootFiles): string | undefined {
  return files === diskRootFiles && isAbsent(path) ? undefined : readSmallText(path, limit, files);
}

/** As `readSmallFile`, of a file that is mostly not there: looking first costs a fraction of an open that fails. */
export function readSeldomFile(path: ByteString, limit: number, files: RootFiles = diskRootFiles): Buffer | undefined {
  if (files === diskRootFiles && isAbsent(path)) return undefined;
  return readSmallFile(path, limit, files);
}

/** Whether reading failed as what stands there is no file, or a larger one: for those to whom that is as if nothing were there. */
export function isNoSmallFile(error: unknown): boolean {
  return error instanceof LayerlabError && (error.code === 'LL_CORRUPT' || error.code === 'LL_LIMIT');
}

function isAbsent(path: ByteString): boolean {
  const quick = statQuickly(path);
  if (quick !== null) return quick === undefined;
  try {
    return lstatSync(fsPath(path), { throwIfNoEntry: false }) === undefined;
  } catch {
    // Opening it tells what is wrong.
    return false;
  }
}

function readFrom(files: RootFiles, path: ByteString, limit: number): Buffer | undefined {
  const file = files.open(path);
  if (file === undefined) return undefined;
  try {
    if (file.size > limit) throw tooLarge(path, file.size, limit);
    const buffer = Buffer.alloc(file.size);
    let done = 0;
    while (done < buffer.length) {
      const count = file.read(buffer.subarray(done), done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  } finally {
    file.close();
  }
}

/** What one call reads of a small file; empty where that may not be all, or it is no file: then it has to be looked at. */
function readAtOnce(path: ByteString, limit: number): string | undefined {
  const quick = readTextQuickly(path, limit);
  if (quick !== null) return quick;
  let fd: number;
  try {
    fd = openSync(fsPath(path), FLAGS | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    return isAbsence(error) ? undefined : '';
  }
  try {
    const count = readSync(fd, scratch, 0, scratch.length, null);
    return count > limit || count === scratch.length ? '' : scratch.toString('latin1', 0, count);
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}

function isAbsence(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

function readFromDisk(path: ByteString, limit: number): Buffer | undefined {
  const quick = readFileQuickly(path, limit);
  if (quick !== null) return quick;
  let fd: number;
  try {
    fd = openSync(fsPath(path), FLAGS);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) {
      throw new LayerlabError('LL_CORRUPT', `${fromByteString(path)} is not a regular file`);
    }
    if (stat.size > limit) throw tooLarge(path, stat.size, limit);
    const buffer = Buffer.alloc(stat.size);
    let done = 0;
    while (done < buffer.length) {
      const count = readSync(fd, buffer, done, buffer.length - done, null);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}

function tooLarge(path: ByteString, size: number, limit: number): LayerlabError {
  return new LayerlabError('LL_LIMIT', `${fromByteString(path)} is ${size} bytes long, more than ${limit}`);
}
