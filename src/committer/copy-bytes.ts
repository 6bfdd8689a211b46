import { closeSync, readSync, writeSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import { ioError } from '../host/io-error.ts';
import { openFile } from '../host/open-file.ts';

const CHUNK = 1024 * 1024;
let shared: Buffer | undefined;

/**
 * Reads a file of a known size to a sink in pieces of at most 1 MiB; the buffer is used again for the next piece.
 *
 * @param room where the next piece is read to, if not to a buffer of this module's own
 * @throws LL_CONTEXT where the file is not as long as it was said to be: it changes while it is read
 */
export function readBytes(
  path: ByteString,
  size: number,
  sink: (chunk: Buffer) => void,
  room: () => Buffer = ownRoom,
): void {
  const fd = openFile(path);
  try {
    let left = size;
    while (left > 0) {
      const into = room();
      const count = readSync(fd, into, 0, Math.min(left, into.length), null);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
      }
      left -= count;
      sink(into.subarray(0, count));
    }
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}

function ownRoom(): Buffer {
  shared ??= Buffer.allocUnsafeSlow(CHUNK);
  return shared;
}

/** Writes all of a chunk, however often the system takes only a part of it. */
export function writeAll(fd: number, chunk: Buffer): void {
  let written = 0;
  while (written < chunk.length) written += writeSync(fd, chunk, written);
}
