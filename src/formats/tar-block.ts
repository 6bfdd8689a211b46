import type { ByteString } from './bytestring.ts';

/** Bytes in a tar block. */
export const BLOCK = 512;

/** How many zero bytes stand behind a content of this size, up to the next block. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

const OCTAL_LIMIT = [0, 0, 0, 0, 0, 0, 0, 0, 8 ** 7, 0, 0, 0, 8 ** 11];
// Everything that all USTAR headers share: magic, version, and the checksum field counted as spaces.
const TEMPLATE = Buffer.alloc(BLOCK);
TEMPLATE.write('        ', 148, 'latin1');
TEMPLATE.write('ustar\x0000', 257, 'latin1');
const MAGIC_SUM = sumOf(TEMPLATE, 257, 265);

/** A fresh USTAR block of a typeflag, everything else zero. */
export function blockOf(type: string): Buffer {
  const block = Buffer.from(TEMPLATE);
  block[156] = type.charCodeAt(0);
  return block;
}

/** Makes an USTAR block of a typeflag where one is to stand, everything else zero. */
export function putBlock(block: Buffer, type: string): void {
  block.set(TEMPLATE);
  block[156] = type.charCodeAt(0);
}

/** Whether a number fits into an octal field of 8 or 12 bytes that ends with NUL. */
export function fitsOctal(size: 8 | 12, value: number): boolean {
  return value >= 0 && value < (OCTAL_LIMIT[size] ?? 0);
}

/** Writes a number into an octal field; one that does not fit becomes 0 (a PAX record tells the truth then). */
export function putOctal(block: Buffer, offset: number, size: 8 | 12, value: number): void {
  let rest = fitsOctal(size, value) ? value : 0;
  for (let at = offset + size - 2; at >= offset; at--) {
    const high = Math.floor(rest / 8);
    block[at] = 0x30 + (rest - high * 8);
    rest = high;
  }
}

/**
 * Writes a text into a field, cut where it is too long. A cut that leaves a slash at the end would turn a file into a folder
 * for some readers, so Go puts a zero byte in its place; so do we.
 */
export function putString(block: Buffer, offset: number, size: number, text: ByteString): void {
  block.write(text, offset, size, 'latin1');
  if (text.length > size && text.charCodeAt(size - 1) === 0x2f) {
    block[offset + text.slice(0, size).replace(/\/+$/, '').length] = 0;
  }
}

/**
 * Fills in the checksum of a block made by `blockOf` and returns the block. `plain` promises that link name, owner names and
 * prefix are empty, so that two thirds of the block need not be summed up.
 */
export function seal(block: Buffer, plain = false): Buffer {
  let sum = plain ? MAGIC_SUM + sumOf(block, 0, 157) + sumOf(block, 329, 345) : sumOf(block, 0, BLOCK);
  for (let at = 153; at >= 148; at--) {
    block[at] = 0x30 + (sum & 7);
    sum >>= 3;
  }
  block[154] = 0;
  return block;
}

function sumOf(block: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) sum += block[at] ?? 0;
  return sum;
}
