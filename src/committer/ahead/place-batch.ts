import { constants, fchmodSync, fchownSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { BLOCK, paddingOf } from '../../formats/tar-block.ts';
import { openTarFiles, type TarFiles } from '../../formats/tar-files.ts';
import { ioError } from '../../host/io-error.ts';
import { READS_FILE } from '../../host/open-file.ts';
import { type Memory, memoryOf, type OpenFolder, type RawFiles, rawFiles } from '../../host/raw-files.ts';
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
  MOST_LINES,
  NUMBERS,
  NUMBERS_AT,
  OFFSET,
  PLACED,
  POSITION,
  SECONDS,
  SIZE,
  SLAB_SIZE,
  sizeInTar,
  TIMES,
  TIMES_AT,
  UID,
} from './file-batch.ts';
import { unusualLines } from './unusual-lines.ts';

/** What the paths of a batch take at first; where they are longer, there is more. */
const USUAL_PATHS = 64 * 1024;

/** The memory that a thread makes batches in: as that of a batch, with its paths behind. */
interface Desk {
  readonly files: TarFiles;
  readonly memory: Memory;
}

let desk: Desk | undefined;

/** What a batch is made in whose paths take so many bytes. */
function openDesk(paths: number): Desk {
  const files = desk?.files ?? openTarFiles(SLAB_SIZE + USUAL_PATHS);
  const room = files.room(SLAB_SIZE + paths);
  if (desk?.memory.bytes !== room) desk = { files, memory: memoryOf(room) };
  return desk;
}

/**
 * Copies the files of a batch into their places, with owner, mode and times, and leaves their contents and CRC-64s in the
 * batch's memory. `isStopped` is asked before each file; the rest is not done then.
 *
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_SPACE, LL_NO_RIGHT, LL_IO
 */
export function placeBatch(batch: FileBatch, isStopped: () => boolean): void {
  const { diff, part, lines } = batch;
  const numbers = new Float64Array(batch.slab, NUMBERS_AT, MOST_FILES * NUMBERS);
  const lengths = new Uint32Array(batch.slab, LENGTHS_AT, MOST_FILES);
  const times = timespecsIn(new BigInt64Array(batch.slab, TIMES_AT, MOST_FILES * TIMES));
  const slab = Buffer.from(batch.slab);
  const { files, memory } = openDesk(batch.paths.length + 1);
  const room = memory.bytes;
  const pathsEnd = SLAB_SIZE + room.write(`${batch.paths}\0`, SLAB_SIZE, 'latin1');
  const raw = rawFiles();
  const parts = new PartReader();
  let folder: OpenFolder | undefined;
  let at = FILES_AT;
  let linesAt = LINES_AT;
  let index = 0;
  try {
    for (let path = SLAB_SIZE; path < pathsEnd; index++) {
      if (isStopped()) return;
      const nameAt = room.indexOf(0, path) + 1;
      const end = room.indexOf(0, nameAt);
      const field = (which: number): number => numbers[index * NUMBERS + which] as number;
      const size = field(SIZE);
      const content = at + BLOCK;
      let hasXattrs = false;
      try {
        if (part !== undefined) parts.readInto(part, field(OFFSET), room.subarray(content, content + size));
        else hasXattrs = readWhole(raw, memory, path, nameAt - 1, content, size);
        if (field(PLACED) === 0) {
          const isKept = field(KEPT) !== 0;
          folder ??= { fd: raw.open(diff, READS_FOLDER), path: diff };
          const fd = raw.openAt(memory, nameAt, end - nameAt, MAKES_FILE, isKept ? field(MODE) : 0o600, folder);
          try {
            for (let done = 0; done < size; ) done += raw.write(fd, memory, content + done, size - done);
            if (field(CHOWN) !== 0) fchownSync(fd, field(UID), field(GID));
            if (!isKept) fchmodSync(fd, field(MODE));
            setOpenTimes(fd, times, index);
          } finally {
            raw.close(fd);
          }
        }
      } catch (error) {
        throw ioError(error, `writing ${fromByteString(room.toString('latin1', nameAt, end))} to the layer`);
      }
      slab[MARKS_AT + index] = hasXattrs ? 1 : 0;
      files.sum(content, content + size, index * CRC_SIZE);
      let linesEnd = linesAt;
      if (lines !== undefined && field(POSITION) > 0 && !hasXattrs && FILES_AT - linesAt >= MOST_LINES) {
        const padding = paddingOf(numbers[(index - 1) * NUMBERS + SIZE] as number);
        const [mode, uid, gid, mtime] = [field(HEADER_MODE), field(UID), field(GID), field(SECONDS)];
        const position = field(POSITION);
        const crc = index * CRC_SIZE;
        linesEnd = files.put(at, nameAt, end - nameAt, padding, mode, uid, gid, size, position, crc, linesAt, mtime);
        if (linesEnd === 0) {
          const name = room.toString('latin1', nameAt, end);
          const place = { at, padding, position, crc: room.subarray(crc, crc + CRC_SIZE) };
          const text = unusualLines(room, { name, mode, uid, gid, size, mtime }, place, lines.longEscapes);
          linesEnd = linesAt + (Buffer.byteLength(text) <= MOST_LINES ? room.write(text, linesAt, 'utf8') : 0);
        }
      }
      lengths[index] = linesEnd - linesAt;
      linesAt = linesEnd;
      at += sizeInTar(size);
      path = end + 1;
    }
    parts.check();
    slab.set(room.subarray(0, index * CRC_SIZE), 0);
    slab.set(room.subarray(LINES_AT, linesAt), LINES_AT);
    slab.set(room.subarray(FILES_AT, at), FILES_AT);
  } finally {
    parts.close();
    if (folder !== undefined) raw.close(folder.fd);
  }
}

const MAKES_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

const READS_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0);

/**
 * Reads a file of `size` bytes, whose path stands between two places of `memory`, to a third one, as `readBytes` does. Says whether it has
 * extended attributes.
 */
function readWhole(raw: RawFiles, memory: Memory, path: number, pathEnd: number, at: number, size: number): boolean {
  const shown = (): string => fromByteString(memory.bytes.toString('latin1', path, pathEnd));
  const fd = openSource(raw, memory, path, pathEnd, shown);
  try {
    for (let done = 0; done < size; ) {
      const count = raw.read(fd, memory, at + done, size - done);
      if (count === 0) throw new LayerlabError('LL_CONTEXT', `${shown()} became shorter while it was read`);
      done += count;
    }
    return mayHaveXattrs(fd);
  } catch (error) {
    throw ioError(error, `reading ${shown()}`);
  } finally {
    raw.close(fd);
  }
}

function openSource(raw: RawFiles, memory: Memory, path: number, pathEnd: number, shown: () => string): number {
  try {
    return raw.openAt(memory, path, pathEnd - path, READS_FILE, 0);
  } catch (error) {
    throw ioError(error, `opening ${shown()}`);
  }
}
