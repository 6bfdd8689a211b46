import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { cleanName } from '../formats/tar-clean-name.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { readRootFile } from '../host/read-root-file.ts';
import type { RootFiles } from '../host/root-files.ts';
import { folderInDiff } from './folder-in-diff.ts';
import { InRootFolders } from './in-root-folders.ts';

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const CHUNK = 1 << 20;

/**
 * Gives a function that reads the files of a layer's `diff` folder by their names in the layer's tar. Links on the way are
 * resolved inside of the folder, the last name is never followed. One buffer serves all: a chunk is valid until the next is
 * asked for. Throws LL_CORRUPT where a file is missing or no regular one.
 */
export function diffFileReader(
  diff: ByteString,
  files: RootFiles = diskRootFiles,
): (name: ByteString) => Generator<Buffer> {
  return files === diskRootFiles ? diskReader(diff) : packedReader(diff, files);
}

/** As on disk, for the files of a data-root that lies elsewhere. */
function packedReader(diff: ByteString, files: RootFiles): (name: ByteString) => Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  return function* read(name) {
    const clean = cleanName(name).replace(/^\/+/, '');
    const slash = clean.lastIndexOf('/');
    const folder = folderInDiff(files, diff, slash < 0 ? '' : clean.slice(0, slash));
    const file = files.open(`${folder}/${clean.slice(slash + 1)}`);
    if (file === undefined) throw lost(name, undefined);
    yield* readRootFile(file, buffer);
  };
}

function diskReader(diff: ByteString): (name: ByteString) => Generator<Buffer> {
  const folders = new InRootFolders(diff);
  const buffer = Buffer.allocUnsafe(CHUNK);
  return function* read(name) {
    const clean = cleanName(name).replace(/^\/+/, '');
    const slash = clean.lastIndexOf('/');
    const folder = folders.folder(slash < 0 ? '' : clean.slice(0, slash), false);
    const fd = open(`${folder}/${clean.slice(slash + 1)}`, name);
    try {
      for (;;) {
        const count = readSync(fd, buffer, 0, CHUNK, null);
        if (count === 0) return;
        yield buffer.subarray(0, count);
        if (count < CHUNK) return;
      }
    } catch (error) {
      throw ioError(error, `reading ${shown(name)}`);
    } finally {
      closeSync(fd);
    }
  };
}

function open(path: ByteString, name: ByteString): number {
  let fd: number;
  try {
    fd = openSync(fsPath(path), FLAGS);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP' || errno === 'ENXIO') throw lost(name, error);
    throw ioError(error, `opening ${shown(name)}`);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw lost(name, undefined);
}

function lost(name: ByteString, cause: unknown): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `the file ${shown(name)} of a layer is missing`, { cause });
}

function shown(name: ByteString): string {
  return JSON.stringify(fromByteString(name));
}
