import { closeSync, openSync, readSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';

const CHUNK = 1024 * 1024;

/** The bytes of a file in pieces of at most 1 MiB; a piece is overwritten when the next is asked for. */
export function* readChunks(path: ByteString): Generator<Buffer> {
  let fd: number | undefined;
  try {
    fd = openSync(fsPath(path), 'r');
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) yield chunk.subarray(0, count);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
