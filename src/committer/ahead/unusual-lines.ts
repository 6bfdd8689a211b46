import { BLOCK, paddingOf } from '../../formats/tar-block.ts';
import { encodeTarHeader, NO_XATTRS, type PlainFile } from '../../formats/tar-header.ts';
import { fileLine, segmentLine } from '../../formats/tar-split-lines.ts';

/** A file in the memory of a batch. */
export interface FileInTar {
  /** Where it begins. */
  readonly at: number;
  /** Zero bytes in front of it, behind the content before. */
  readonly padding: number;
  /** The number of its first line. */
  readonly position: number;
  readonly crc: Buffer;
}

/**
 * As `TarFiles.put` for any regular file: makes the header and the zero bytes behind the content where they are to stand, and gives the two
 * lines of tar-split. Empty where that takes more than a block for the header, or cannot be: the thread that makes the layer sees to it.
 */
export function unusualLines(
  room: Buffer,
  file: PlainFile,
  { at, padding, position, crc }: FileInTar,
  longEscapes: boolean,
): string {
  const { name, size } = file;
  let header: Buffer;
  try {
    header = encodeTarHeader({
      ...file,
      ...{ type: '0', linkname: '', uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
    });
  } catch {
    return '';
  }
  if (header.length !== BLOCK) return '';
  const behind = at + BLOCK + size;
  room.set(header, at);
  room.fill(0, at - padding, at);
  room.fill(0, behind, behind + paddingOf(size));
  const segment = room.subarray(at - padding, at + BLOCK);
  return segmentLine(segment, position) + fileLine(name, size, crc, position + 1, longEscapes);
}
