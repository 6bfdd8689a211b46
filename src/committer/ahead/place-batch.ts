import { closeSync, fchmodSync, fchownSync, openSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import { setOpenTimes } from '../../host/syscalls.ts';
import { mayHaveXattrs } from '../../host/xattrs.ts';
import { writeAll } from '../copy-bytes.ts';
import { PartReader } from '../part-reader.ts';
import {
  CHOWN,
  CONTENTS_AT,
  CRC_SIZE,
  type FileBatch,
  GID,
  MARKS_AT,
  MODE,
  NUMBERS,
  OFFSET,
  SIZE,
  TIMES,
  UID,
} from './file-batch.ts';

/**
 * Copies the files of a batch into their places, with owner, mode and times, and leaves their contents and CRC-64s in the
 * batch's memory. `isStopped` is asked before each file; the rest is not done then.
 *
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_SPACE, LL_NO_RIGHT, LL_IO
 */
export function placeBatch(batch: FileBatch, crc: Crc64, isStopped: () => boolean): void {
  const { diff, numbers, times, part } = batch;
  const parts = new PartReader();
  const paths = batch.paths.split('\0');
  const slab = Buffer.from(batch.slab);
  let at = CONTENTS_AT;
  try {
    for (let index = 0; index * 2 < paths.length; index++) {
      if (isStopped()) return;
      const [source, name] = [paths[index * 2] as ByteString, paths[index * 2 + 1] as ByteString];
      const field = (which: number): number => numbers[index * NUMBERS + which] as number;
      const content = slab.subarray(at, at + field(SIZE));
      at += content.length;
      try {
        if (part === undefined) slab[MARKS_AT + index] = readWhole(source, content) ? 1 : 0;
        else parts.readInto(part, field(OFFSET), content);
        const fd = openSync(fsPath(`${diff}/${name}`), 'wx', 0o600);
        try {
          writeAll(fd, content);
          if (field(CHOWN) !== 0) fchownSync(fd, field(UID), field(GID));
          fchmodSync(fd, field(MODE));
          setOpenTimes(fd, times.subarray(index * TIMES, (index + 1) * TIMES));
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw ioError(error, `writing ${fromByteString(name)} to the layer`);
      }
      crc.init();
      crc.update(content);
      slab.set(crc.digest(), index * CRC_SIZE);
    }
    parts.check();
  } finally {
    parts.close();
  }
}

/** Reads a file that is as long as the buffer, as `readBytes` does. Says whether it has extended attributes. */
function readWhole(path: ByteString, into: Buffer): boolean {
  const fd = openFile(path);
  try {
    for (let done = 0; done < into.length; ) {
      const count = readSync(fd, into, done, into.length - done, null);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
      }
      done += count;
    }
    return mayHaveXattrs(fd);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}
