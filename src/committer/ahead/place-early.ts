import { constants, fchmodSync, fchownSync, mkdirSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { type Memory, memoryOf, type RawFiles, rawFiles } from '../../host/raw-files.ts';
import { setOpenTimes, timespecsIn } from '../../host/syscalls.ts';
import type { PartReader } from '../part-reader.ts';
import {
  EARLY_CHOWN,
  EARLY_GID,
  EARLY_KEPT,
  EARLY_MODE,
  EARLY_NUMBERS,
  EARLY_OFFSET,
  EARLY_SIZE,
  EARLY_UID,
  type EarlyBatch,
} from './early-batch.ts';
import { CRC_SIZE } from './file-batch.ts';

const MAKES_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const CHUNK = 256 * 1024;
let room: Memory | undefined;

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
  const files = rawFiles();
  room ??= memoryOf(Buffer.allocUnsafeSlow(CHUNK));
  const memory = room;
  try {
    for (const [index, name] of names.entries()) {
      if (isStopped()) return;
      const field = (which: number): number => numbers[index * EARLY_NUMBERS + which] as number;
      try {
        const isKept = field(EARLY_KEPT) !== 0;
        const fd = openNew(files, diff, name, isKept ? field(EARLY_MODE) : 0o600);
        try {
          crc.init();
          const take = (chunk: Buffer): void => {
            try {
              for (let done = 0; done < chunk.length; ) done += files.write(fd, memory, done, chunk.length - done);
            } catch (error) {
              throw ioError(error, `writing ${fromByteString(name)} to the layer`);
            }
            crc.update(chunk);
          };
          parts.read(from, field(EARLY_OFFSET), field(EARLY_SIZE), take, () => memory.bytes);
          sums.set(crc.digest(), index * CRC_SIZE);
          if (field(EARLY_CHOWN) !== 0) fchownSync(fd, field(EARLY_UID), field(EARLY_GID));
          if (!isKept) fchmodSync(fd, field(EARLY_MODE));
          setOpenTimes(fd, times, index);
        } finally {
          files.close(fd);
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
function openNew(files: RawFiles, diff: ByteString, name: ByteString, mode: number): number {
  const path = `${diff}/${name}`;
  try {
    return files.open(path, MAKES_FILE, mode);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !name.includes('/')) throw error;
  }
  makeFolder(diff, name.slice(0, name.lastIndexOf('/')));
  return files.open(path, MAKES_FILE, mode);
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
