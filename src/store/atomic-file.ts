import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';

/** What a file that is being written is called until it is whole: dockerd takes such names for nothing. */
export const TEMP_PREFIX = '.tmp-';

/**
 * Replaces a file in one step: a temporary file beside it is written, synced and renamed over it, then the folder is synced.
 * A reader sees the old content or the new one, whatever happens. `mode` is set whatever the umask.
 * Throws LL_NO_SPACE, LL_NO_RIGHT or LL_IO; nothing is left behind then.
 */
export function writeFileAtomic(path: ByteString, data: Uint8Array | string, mode: number): void {
  const slash = path.lastIndexOf('/');
  const dir = path.slice(0, slash);
  const temp = `${dir}/${TEMP_PREFIX}${path.slice(slash + 1)}${randomBytes(6).toString('hex')}`;
  try {
    writeFileSynced(temp, data, mode);
    renameSync(fsPath(temp), fsPath(path));
  } catch (error) {
    rmSync(fsPath(temp), { force: true });
    throw ioError(error, `writing ${fromByteString(path)}`);
  }
  syncFolder(dir);
}

/** Makes a new file with exactly this mode, and returns when its bytes are on the disk. It must not be there yet. */
export function writeFileSynced(path: ByteString, data: Uint8Array | string, mode: number): void {
  writeNew(path, data, mode, true);
}

/** As `writeFileSynced`, but its bytes reach the disk when somebody flushes them, or the kernel gets to it. */
export function writeFileUnsynced(path: ByteString, data: Uint8Array | string, mode: number): void {
  writeNew(path, data, mode, false);
}

function writeNew(path: ByteString, data: Uint8Array | string, mode: number, sync: boolean): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const fd = openSync(fsPath(path), 'wx', mode);
  try {
    fchmodSync(fd, mode);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    if (sync) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Brings the bytes of a file that was written before to the disk; one that is not there is fine. */
export function syncFile(path: ByteString): void {
  let fd: number;
  try {
    fd = openSync(fsPath(path), 'r+');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
  try {
    fsyncSync(fd);
  } catch (error) {
    throw ioError(error, `syncing ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}

/** Makes the names in a folder durable. Where the host cannot sync folders (Windows) it does so by itself. */
export function syncFolder(dir: ByteString): void {
  if (process.platform === 'win32') return;
  let fd: number;
  try {
    fd = openSync(fsPath(dir), 'r');
  } catch (error) {
    throw ioError(error, `opening ${fromByteString(dir)}`);
  }
  try {
    fsyncSync(fd);
  } catch (error) {
    throw ioError(error, `syncing ${fromByteString(dir)}`);
  } finally {
    closeSync(fd);
  }
}
