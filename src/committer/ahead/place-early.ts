import { closeSync, fchmodSync, fchownSync, mkdirSync, openSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { setOpenTimes, timespecsIn } from '../../host/syscalls.ts';
import { writeAll } from '../copy-bytes.ts';
import type { PartReader } from '../part-reader.ts';
import {
  EARLY_CHOWN,
  EARLY_GID,
  EARLY_MODE,
  EARLY_NUMBERS,
  EARLY_OFFSET,
  EARLY_SIZE,
  EARLY_UID,
  type EarlyBatch,
} from './early-batch.ts';
import { CRC_SIZE } from './file-batch.ts';

/**
 * Writes the files of an early batch into their places, with owner, mode and times, and leaves the CRC-64s of what was written.
 * `isStopped` is asked before each file; the rest is not done then.
 *
 * @throws LL_CONTEXT where the archive changed meanwhile, LL_NO_SPACE, LL_NO_RIGHT, LL_IO
 */
export function placeEarly(batch: EarlyBatch, crc: Crc64, parts: PartReader, isStopped: () => boolean): void {
  const { from, diff, numbers } = batch;
  const times = timespecsIn(batch.times);
  const sums = Buffer.from(batch.sums);
  const names = batch.names.split('\0');
  try {
    for (const [index, name] of names.entries()) {
      if (isStopped()) return;
      const field = (which: number): number => numbers[index * EARLY_NUMBERS + which] as number;
      try {
        const fd = openNew(diff, name);
        try {
          crc.init();
          parts.read(from, field(EARLY_OFFSET), field(EARLY_SIZE), (chunk) => {
            try {
              writeAll(fd, chunk);
            } catch (error) {
              throw ioError(error, `writing ${fromByteString(name)} to the layer`);
            }
            crc.update(chunk);
          });
          sums.set(crc.digest(), index * CRC_SIZE);
          if (field(EARLY_CHOWN) !== 0) fchownSync(fd, field(EARLY_UID), field(EARLY_GID));
          fchmodSync(fd, field(EARLY_MODE));
          setOpenTimes(fd, times, index);
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw ioError(error, `writing ${fromByteString(name)} to the layer`);
      }
    }
    parts.check();
  } finally {
    parts.close();
  }
}

/** Makes a file, and the folders on the way to it that are not there yet. */
function openNew(diff: ByteString, name: ByteString): number {
  const path = fsPath(`${diff}/${name}`);
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !name.includes('/')) throw error;
  }
  makeFolder(diff, name.slice(0, name.lastIndexOf('/')));
  return openSync(path, 'wx', 0o600);
}

/** Another thread may be making the same. */
function makeFolder(diff: ByteString, name: ByteString): void {
  const path = fsPath(`${diff}/${name}`);
  try {
    makeOne(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !name.includes('/')) throw error;
    makeFolder(diff, name.slice(0, name.lastIndexOf('/')));
    makeOne(path);
  }
}

function makeOne(path: string | Buffer): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
