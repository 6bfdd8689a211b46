import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { randomHex } from '../formats/random.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { beginWriting } from '../host/syscalls.ts';

/** What a file that is being written is called until it is whole: dockerd takes such names for nothing. */
export const TEMP_PREFIX = '.tmp-';

/**
 * Replaces a file in one step: a temporary file beside it is written, synced and renamed over it, then the folder is synced.
 * A reader sees the old content or the new one, whatever happens. `mode` is set whatever the umask.
 * Throws LL_NO_SPACE, LL_NO_RIGHT or LL_IO; nothing is left behind then.
 */
export function writeFileAtomic(path: ByteString, data: Uint8Array | string, mode: number): void {
  replaceFiles([[[path, data, mode]]]);
}

/**
 * As `writeFileAtomic`, for several files: those of a group are in their places for good before those of the next come into theirs. The
 * bytes of all go to the disk at once, before any file is in its place, and names that were changed in `folders` before come next:
 * a file system with a journal has a commit for each group, and one before them, where each file would need two.
 * Throws LL_NO_SPACE, LL_NO_RIGHT or LL_IO; what is in its place by then stays, and nothing else is left behind.
 *
 * @param lasting false: a cut may bring the old files back, whole, and there is no commit but the first
 */
export function replaceFiles(
  groups: readonly (readonly NewFile[])[],
  folders: readonly ByteString[] = [],
  lasting = true,
): void {
  const left = groups.map((files) => files.map((file) => ({ file, temp: temporaryFor(file[0]) })));
  let shown = left.flat()[0]?.file[0] ?? '';
  try {
    writeFilesSynced(left.flat().map(({ file: [, data, mode], temp }) => [temp, data, mode]));
    for (const folder of folders) syncFolder(folder);
    for (const group of left) {
      const changed = new Set(group.map(({ file: [path] }) => folderOf(path)));
      for (let next = group[0]; next !== undefined; next = group[0]) {
        shown = next.file[0];
        renameSync(fsPath(next.temp), fsPath(shown));
        group.shift();
      }
      if (lasting) for (const folder of changed) syncFolder(folder);
    }
  } catch (error) {
    for (const { temp } of left.flat()) rmSync(fsPath(temp), { force: true });
    throw ioError(error, `writing ${fromByteString(shown)}`);
  }
}

function folderOf(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Beside the file. */
function temporaryFor(path: ByteString): ByteString {
  return `${folderOf(path)}/${TEMP_PREFIX}${path.slice(path.lastIndexOf('/') + 1)}${randomHex(6)}`;
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
  const fd = openSync(fsPath(path), 'wx', mode);
  try {
    fill(fd, data, mode);
    if (sync) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function fill(fd: number, data: Uint8Array | string, mode: number): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  fchmodSync(fd, mode);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** A file that is to be made: its path, its bytes, and exactly its mode. */
export type NewFile = readonly [path: ByteString, data: Uint8Array | string, mode: number];

/**
 * Makes new files in this order, and returns when their bytes are on the disk, and those of `others`, which were written before; such a
 * one that is not there is fine. All are handed to the disk before the first is waited for: a file system with a journal
 * brings them there in one commit, where each would have one of its own.
 */
export function writeFilesSynced(files: readonly NewFile[], others: readonly ByteString[] = []): void {
  const opened: { readonly fd: number; readonly other?: ByteString }[] = [];
  try {
    for (const other of others) {
      const fd = openWritten(other);
      if (fd !== undefined) opened.push({ fd, other });
    }
    for (const [path, data, mode] of files) {
      const fd = openSync(fsPath(path), 'wx', mode);
      opened.push({ fd });
      fill(fd, data, mode);
    }
    for (const { fd } of opened) beginWriting(fd);
    for (const { fd, other } of opened) {
      if (other === undefined) fsyncSync(fd);
      else syncWritten(fd, other);
    }
  } finally {
    for (const { fd } of opened) closeSync(fd);
  }
}

function openWritten(path: ByteString): number | undefined {
  try {
    return openSync(fsPath(path), 'r+');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
}

function syncWritten(fd: number, path: ByteString): void {
  try {
    fsyncSync(fd);
  } catch (error) {
    throw ioError(error, `syncing ${fromByteString(path)}`);
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
