import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { parseNumeric, parseOctal, parseText } from './tar-number.ts';

/** The fields of one header block, whatever its dialect; extended headers not yet applied. */
export interface RawTarHeader {
  /** One character; NUL in the oldest archives. */
  readonly typeflag: string;
  readonly name: ByteString;
  readonly linkname: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly uname: ByteString;
  readonly gname: ByteString;
  readonly devmajor: number;
  readonly devminor: number;
}

/**
 * Reads a header block of 512 bytes in any of the dialects v7, ustar, PAX, GNU and star, as Go's archive/tar does. Throws
 * LL_TAR where the checksum or a number is wrong.
 */
export function parseRawHeader(block: Buffer): RawTarHeader {
  checkSum(block);
  const number = (offset: number, size: number): number => {
    const value = parseNumeric(block, offset, size);
    if (value === undefined) throw malformed('a number');
    return value;
  };
  const v7 = {
    typeflag: String.fromCharCode(block[156] ?? 0),
    name: parseText(block, 0, 100),
    linkname: parseText(block, 157, 100),
    size: number(124, 12),
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    mtime: number(136, 12),
  };
  const magic = block.toString('latin1', 257, 265);
  const ustar = magic.startsWith('ustar\0');
  if (!ustar && magic !== 'ustar  \0') return { ...v7, uname: '', gname: '', devmajor: 0, devminor: 0 };
  const prefix = ustar ? ustarPrefix(block) : gnuPrefix(block);
  return {
    ...v7,
    name: prefix === '' ? v7.name : `${prefix}/${v7.name}`,
    uname: parseText(block, 265, 32),
    gname: parseText(block, 297, 32),
    devmajor: number(329, 8),
    devminor: number(337, 8),
  };
}

function ustarPrefix(block: Buffer): ByteString {
  // star keeps its access and change time where others have the end of the prefix.
  const star = block.toString('latin1', 508, 512) === 'tar\0';
  if (star && (parseNumeric(block, 476, 12) === undefined || parseNumeric(block, 488, 12) === undefined)) {
    throw malformed('a number');
  }
  return parseText(block, 345, star ? 131 : 155);
}

// GNU has no prefix but times in its place. Go before 1.8 wrote a prefix there all the same; where the bytes are no times,
// they are such a prefix.
function gnuPrefix(block: Buffer): ByteString {
  const isTime = (offset: number): boolean => block[offset] === 0 || parseNumeric(block, offset, 12) !== undefined;
  if (isTime(345) && isTime(357)) return '';
  const prefix = parseText(block, 345, 155);
  return /[\u0080-\u00ff]/.test(prefix) ? '' : prefix;
}

function checkSum(block: Buffer): void {
  let unsigned = 8 * 0x20;
  let negative = 0;
  for (let at = 0; at < 512; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    if (byte >= 0x80) negative += 256;
  }
  const stored = parseOctal(block, 148, 8);
  // Some old writers summed up signed bytes.
  if (stored === undefined || (stored !== unsigned && stored !== unsigned - negative)) throw malformed('the checksum');
}

function malformed(what: string): LayerlabError {
  return new LayerlabError('LL_TAR', `invalid tar header: ${what} is wrong`);
}
