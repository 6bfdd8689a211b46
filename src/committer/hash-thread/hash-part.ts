import { closeSync, constants, openSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { Sha256Stream } from '../../formats/sha256.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';

/** A part of a file that whoever hashes reads itself: of an open one, which stays open, or of one by its path. */
export interface HashedPart {
  readonly file: number | ByteString;
  readonly offset: number;
  readonly size: number;
}

const CHUNK = 256 * 1024;
const OFFSET_AT = 8;
const LENGTH_AT = 16;
const PATH_AT = 20;
let buffer: Buffer | undefined;

/** Puts a part into the memory of a slot. */
export function putPart({ file, offset, size }: HashedPart, slot: Buffer): void {
  slot.writeDoubleLE(size, 0);
  slot.writeDoubleLE(offset, OFFSET_AT);
  slot.writeInt32LE(typeof file === 'number' ? -1 - file : file.length, LENGTH_AT);
  if (typeof file !== 'number') slot.write(file, PATH_AT, 'latin1');
}

export function getPart(slot: Buffer): HashedPart {
  const length = slot.readInt32LE(LENGTH_AT);
  const file = length < 0 ? -1 - length : slot.toString('latin1', PATH_AT, PATH_AT + length);
  return { file, offset: slot.readDoubleLE(OFFSET_AT), size: slot.readDoubleLE(0) };
}

/** Reads a part through a hash. Throws LL_IO, LL_NO_RIGHT, and LL_CONTEXT where the file is not that long any more. */
export function hashPart(hash: Sha256Stream, { file, offset, size }: HashedPart): void {
  const name = typeof file === 'number' ? 'an open file' : fromByteString(file);
  const fd = typeof file === 'number' ? file : openQuietly(file);
  buffer ??= Buffer.allocUnsafeSlow(CHUNK);
  try {
    for (let done = 0; done < size; ) {
      const count = readSync(fd, buffer, 0, Math.min(CHUNK, size - done), offset + done);
      if (count === 0) throw new LayerlabError('LL_CONTEXT', `${name} became shorter while it was read`);
      hash.update(buffer.subarray(0, count));
      done += count;
    }
  } catch (error) {
    throw ioError(error, `reading ${name}`);
  } finally {
    if (typeof file !== 'number') closeSync(fd);
  }
}

/** To be read does not move the times of a file of a layer, where the system lets its owner say so. */
function openQuietly(path: ByteString): number {
  try {
    return openSync(fsPath(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NOATIME ?? 0));
  } catch {
    return openFile(path);
  }
}
