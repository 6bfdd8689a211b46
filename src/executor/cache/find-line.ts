import { closeSync, readSync } from 'node:fs';
import type { ByteString } from '../../formats/bytestring.ts';
import { openFile } from '../../host/open-file.ts';

/** Bytes that are looked through at once: they stay in the processor's cache, and the kernel need not find memory for a whole file. */
const PIECE = 256 * 1024;
const LINE_FEED = 0x0a;

/**
 * What follows the beginning of a line in a file, as latin1, `most` bytes of it where there are so many; undefined where no line begins
 * so. The file is read no further than to the first such line. Throws as `node:fs` does.
 *
 * @param begin far fewer bytes than PIECE
 */
export function findLine(path: ByteString, begin: Buffer, most: number): string | undefined {
  const wanted = Buffer.concat([Buffer.of(LINE_FEED), begin]);
  const room = Buffer.allocUnsafeSlow(PIECE + wanted.length + most);
  const fd = openFile(path);
  try {
    // The first line has none in front of it.
    room[0] = LINE_FEED;
    for (let size = 1; ; ) {
      const count = readSync(fd, room, size, room.length - size, null);
      size += count;
      const at = room.subarray(0, size).indexOf(wanted);
      const end = at + wanted.length + most;
      if (at >= 0 && (end <= size || count === 0))
        return room.toString('latin1', at + wanted.length, Math.min(end, size));
      if (count === 0) return undefined;
      const from = at >= 0 ? at : Math.max(0, size - wanted.length + 1);
      room.copyWithin(0, from, size);
      size -= from;
    }
  } finally {
    closeSync(fd);
  }
}
