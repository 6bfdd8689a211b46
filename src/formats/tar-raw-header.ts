import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { parseNumeric, parseOctal, parseText } from './tar-number.ts';

const USTAR = Buffer.from('ustar\0');
const GNU = Buffer.from('ustar  \0');
const STAR = Buffer.from('tar\0');

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
  const name = parseText(block, 0, 100);
  const ustar = hasMagic(block, USTAR);
  const extended = ustar || hasMagic(block, GNU);
  const prefix = ustar ? ustarPrefix(block) : extended ? gnuPrefix(block) : '';
  return {
    typeflag: String.fromCharCode(block[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: parseText(block, 157, 100),
    mode: number(block, 100, 8),
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    uname: extended ? parseText(block, 265, 32) : '',
    gname: extended ? parseText(block, 297, 32) : '',
    devmajor: extended ? number(block, 329, 8) : 0,
    devminor: extended ? number(block, 337, 8) : 0,
  };
}

function number(block: Buffer, offset: number, size: number): number {
  const value = parseNumeric(block, offset, size);
  if (value === undefined) throw malformed('a number');
  return value;
}

function hasMagic(block: Buffer, magic: Buffer): boolean {
  return standsAt(block, 257, magic);
}

// A loop over a few bytes takes a fraction of a call of Buffer.compare, and there is one for every file of an archive.
function standsAt(block: Buffer, offset: number, bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if (block[offset + at] !== bytes[at]) return false;
  return true;
}

function ustarPrefix(block: Buffer): ByteString {
  // star keeps its access and change time where others have the end of the prefix.
  const star = standsAt(block, 508, STAR);
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
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at] ?? 0;
  for (let at = 156; at < 512; at++) sum += block[at] ?? 0;
  const stored = parseOctal(block, 148, 8);
  if (stored === sum) return;
  // Some old writers summed up signed bytes.
  for (let at = 0; at < 512; at++) {
    if ((at < 148 || at >= 156) && (block[at] ?? 0) >= 0x80) sum -= 256;
  }
  if (stored !== sum) throw malformed('the checksum');
}

function malformed(what: string): LayerlabError {
  return new LayerlabError('LL_TAR', `invalid tar header: ${what} is wrong`);
}
