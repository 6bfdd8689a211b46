import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { RootFiles } from '../../host/root-files.ts';
import { type Compression, detectCompression } from '../decompress/detect-compression.ts';
import { findPrefix } from './find-prefix.ts';
import { readTarIndex, type TarIndex } from './tar-index.ts';
import { tarRootFiles } from './tar-root-files.ts';

const UNPACK: Readonly<Record<Exclude<Compression, 'plain'>, string>> = {
  gzip: 'gzip -dc',
  bzip2: 'bzip2 -dc',
  xz: 'xz -dc',
  zstd: 'zstd -dc',
};

interface Opened {
  readonly path: ByteString;
  readonly signature: string;
  readonly fd: number;
  readonly files: RootFiles;
}

/** The tar that was opened last: a program that asks several things of one reads its headers once. */
let last: Opened | undefined;

/**
 * Opens a data-root that lies in a plain tar, which is read where it lies and never unpacked. `path` is absolute. A compressed one is
 * refused: it cannot be read at any place. Throws LL_DATA_ROOT, LL_TAR, LL_NO_RIGHT, LL_IO.
 */
export function openDataRootTar(path: ByteString): RootFiles {
  const fd = open(path);
  const { dev, ino, size, mtimeMs } = fstatSync(fd);
  const signature = `${dev}:${ino}:${size}:${mtimeMs}`;
  if (last?.path === path && last.signature === signature) {
    closeSync(fd);
    return last.files;
  }
  try {
    assertPlain(fd, path);
    const index = readIndex(fd, path);
    const prefix = findPrefix(index);
    if (prefix === undefined) throw noDataRoot(path, index);
    if (last !== undefined) closeSync(last.fd);
    last = { path, signature, fd, files: tarRootFiles(fd, index, path, prefix) };
    return last.files;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(path: ByteString): number {
  try {
    return openSync(fsPath(path), 'r');
  } catch (error) {
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
}

function assertPlain(fd: number, path: ByteString): void {
  const head = Buffer.alloc(6);
  const compression = detectCompression(head.subarray(0, readSync(fd, head, 0, head.length, 0)));
  if (compression === 'plain') return;
  const name = fromByteString(path);
  throw new LayerlabError('LL_DATA_ROOT', `${name} is compressed (${compression}), and cannot be read at any place`, {
    hint: `Decompress it first, without unpacking it: ${UNPACK[compression]} '${name}' > data-root.tar`,
  });
}

function readIndex(fd: number, path: ByteString): TarIndex {
  try {
    return readTarIndex(fd);
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_TAR') throw error;
    throw new LayerlabError('LL_TAR', `${fromByteString(path)}: ${error.message}`, {
      cause: error,
      hint: 'A data-root is a folder, or a whole tar of one.',
    });
  }
}

function noDataRoot(path: ByteString, { members }: TarIndex): LayerlabError {
  const isArchive = members.has('manifest.json') || members.has('index.json');
  return new LayerlabError('LL_DATA_ROOT', `${fromByteString(path)} is not a tar of a data-root`, {
    hint: isArchive
      ? 'It is an archive of images: take it in by "layerlab load -i".'
      : "Make one by: tar -C /var/lib -cf docker.tar --xattrs --xattrs-include='*' docker",
  });
}
