import { closeSync, readSync } from 'node:fs';
import type { ByteString } from '../../formats/bytestring.ts';
import { openFile } from '../../host/open-file.ts';

/**
 * Bytes that are looked through at once, and at first: they stay in the processor's cache, and the kernel need not find memory for a whole
 * file. Names of a context are in their order, so many lines are found early.
 */
const [PIECE, FIRST_PIECE] = [256 * 1024, 32 * 1024];
const LINE_FEED = 0x0a;

/** Kept from one file to the next: new memory costs more than reading into it. */
let kept: Buffer | undefined;

/**
 * What follows the beginning of a line in a file, as latin1, `most` bytes of it where there are so many; undefined where no line begins
 * so. The file is read no further than to the first such line. Throws as `node:fs` does.
 *
 * @param begin far fewer bytes than PIECE
 */
export function findLine(path: ByteString, begin: Buffer, most: number): string | undefined {
  const wanted = Buffer.concat([Buffer.of(LINE_FEED), begin]);
  const size = PIECE + wanted.length + most;
  if (kept === undefined || kept.length < size) kept = Buffer.allocUnsafeSlow(size);
  return findIn(kept, path, wanted, most);
}

function findIn(room: Buffer, path: ByteString, wanted: Buffer, most: number): string | undefined {
  const fd = openFile(path);
  try {
    // The first line has none in front of it.
    room[0] = LINE_FEED;
    for (let size = 1, piece = FIRST_PIECE; ; piece = room.length) {
      const count = readSync(fd, room, size, Math.min(piece, room.length - size), null);
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
