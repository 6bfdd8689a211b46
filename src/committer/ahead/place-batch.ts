import { constants, fchmodSync, fchownSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import { BLOCK, paddingOf } from '../../formats/tar-block.ts';
import { encodeTarHeader, NO_XATTRS, putPlainHeader } from '../../formats/tar-header.ts';
import { fileLine, segmentLine } from '../../formats/tar-split-lines.ts';
import { ioError } from '../../host/io-error.ts';
import { READS_FILE } from '../../host/open-file.ts';
import { type Memory, memoryOf, type RawFiles, rawFiles } from '../../host/raw-files.ts';
import { setOpenTimes, timespecsIn } from '../../host/syscalls.ts';
import { mayHaveXattrs } from '../../host/xattrs.ts';
import { PartReader } from '../part-reader.ts';
import {
  CHOWN,
  CRC_SIZE,
  FILES_AT,
  type FileBatch,
  GID,
  HEADER_MODE,
  KEPT,
  LENGTHS_AT,
  LINES_AT,
  MARKS_AT,
  MODE,
  MOST_FILES,
  NUMBERS,
  NUMBERS_AT,
  OFFSET,
  PLACED,
  POSITION,
  SECONDS,
  SIZE,
  sizeInTar,
  TIMES,
  TIMES_AT,
  UID,
} from './file-batch.ts';

/**
 * Copies the files of a batch into their places, with owner, mode and times, and leaves their contents and CRC-64s in the
 * batch's memory. `isStopped` is asked before each file; the rest is not done then.
 *
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_SPACE, LL_NO_RIGHT, LL_IO
 */
export function placeBatch(batch: FileBatch, crc: Crc64, isStopped: () => boolean): void {
  const { diff, part } = batch;
  const numbers = new Float64Array(batch.slab, NUMBERS_AT, MOST_FILES * NUMBERS);
  const times = timespecsIn(new BigInt64Array(batch.slab, TIMES_AT, MOST_FILES * TIMES));
  const parts = new PartReader();
  const paths = batch.paths.split('\0');
  const slab = Buffer.from(batch.slab);
  const memory = memoryOf(slab);
  const files = rawFiles();
  const lengths = new Uint32Array(batch.slab, LENGTHS_AT, MOST_FILES);
  lengths.fill(0);
  let at = FILES_AT;
  let linesAt = LINES_AT;
  try {
    for (let index = 0; index * 2 < paths.length; index++) {
      if (isStopped()) return;
      const [source, name] = [paths[index * 2] as ByteString, paths[index * 2 + 1] as ByteString];
      const field = (which: number): number => numbers[index * NUMBERS + which] as number;
      const content = slab.subarray(at + BLOCK, at + BLOCK + field(SIZE));
      try {
        slab[MARKS_AT + index] = 0;
        if (part === undefined)
          slab[MARKS_AT + index] = readWhole(files, source, memory, at + BLOCK, content.length) ? 1 : 0;
        else parts.readInto(part, field(OFFSET), content);
        if (field(PLACED) === 0) {
          const isKept = field(KEPT) !== 0;
          const fd = files.open(`${diff}/${name}`, MAKES_FILE, isKept ? field(MODE) : 0o600);
          try {
            for (let done = 0; done < content.length; ) {
              done += files.write(fd, memory, at + BLOCK + done, content.length - done);
            }
            if (field(CHOWN) !== 0) fchownSync(fd, field(UID), field(GID));
            if (!isKept) fchmodSync(fd, field(MODE));
            setOpenTimes(fd, times, index);
          } finally {
            files.close(fd);
          }
        }
      } catch (error) {
        throw ioError(error, `writing ${fromByteString(name)} to the layer`);
      }
      crc.init();
      crc.update(content);
      const sum = crc.digest();
      slab.set(sum, index * CRC_SIZE);
      if (batch.lines !== undefined && field(POSITION) > 0 && slab[MARKS_AT + index] === 0) {
        const padding = paddingOf(numbers[(index - 1) * NUMBERS + SIZE] as number);
        const lines = makeLines(name, field, sum, padding, batch.lines.longEscapes, slab, at);
        if (lines.length * 3 <= FILES_AT - linesAt) {
          lengths[index] = slab.write(lines, linesAt, 'utf8');
          linesAt += lengths[index] as number;
        }
      }
      at += sizeInTar(field(SIZE));
    }
    parts.check();
  } finally {
    parts.close();
  }
}

/**
 * Makes what stands around a content in the tar, and the two lines of tar-split for it: header and padding of the file before,
 * then the file. Empty where that takes more than a block for the header, or cannot be: the thread that makes the layer sees to it.
 *
 * @param at where the file begins in the tar, right behind the one before
 */
function makeLines(
  name: ByteString,
  field: (which: number) => number,
  crc: Buffer,
  padding: number,
  longEscapes: boolean,
  slab: Buffer,
  at: number,
): string {
  const [size, position] = [field(SIZE), field(POSITION)];
  const plain = { name, mode: field(HEADER_MODE), uid: field(UID), gid: field(GID), size, mtime: field(SECONDS) };
  const behind = at + BLOCK + size;
  if (putPlainHeader(slab.subarray(at, at + BLOCK), plain)) {
    slab.fill(0, at - padding, at);
    slab.fill(0, behind, at + sizeInTar(size));
    return (
      segmentLine(slab.subarray(at - padding, at + BLOCK), position) +
      fileLine(name, size, crc, position + 1, longEscapes)
    );
  }
  let header: Buffer;
  try {
    header = encodeTarHeader({
      ...plain,
      type: '0',
      linkname: '',
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: NO_XATTRS,
    });
  } catch {
    return '';
  }
  if (header.length !== BLOCK) return '';
  slab.set(header, at);
  slab.fill(0, behind, at + sizeInTar(size));
  const segment = padding === 0 ? header : Buffer.concat([ZEROS.subarray(0, padding), header]);
  return segmentLine(segment, position) + fileLine(name, size, crc, position + 1, longEscapes);
}

const ZEROS = Buffer.alloc(BLOCK);

const MAKES_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Reads a file of `size` bytes to `memory`, as `readBytes` does. Says whether it has extended attributes. */
function readWhole(files: RawFiles, path: ByteString, memory: Memory, at: number, size: number): boolean {
  const fd = openSource(files, path);
  try {
    for (let done = 0; done < size; ) {
      const count = files.read(fd, memory, at + done, size - done);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
      }
      done += count;
    }
    return mayHaveXattrs(fd);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    files.close(fd);
  }
}

function openSource(files: RawFiles, path: ByteString): number {
  try {
    return files.open(path, READS_FILE);
  } catch (error) {
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
}
