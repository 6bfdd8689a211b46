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
 * @throws LL_CONTEXT where the file is not as long as it was said to be: it changes while it is read
 */
export function readBytes(path: ByteString, size: number, sink: (chunk: Buffer) => void): void {
  const fd = openFile(path);
  try {
    shared ??= Buffer.allocUnsafeSlow(CHUNK);
    let left = size;
    while (left > 0) {
      const count = readSync(fd, shared, 0, Math.min(left, CHUNK), null);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
      }
      left -= count;
      sink(shared.subarray(0, count));
    }
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of a chunk, however often the system takes only a part of it. */
export function writeAll(fd: number, chunk: Buffer): void {
  let written = 0;
  while (written < chunk.length) written += writeSync(fd, chunk, written);
}
