import type { ByteString } from './bytestring.ts';

/**
 * Reads a numeric field: octal digits, padded with spaces or NULs, or GNU's base 256 (first bit set). Undefined where it is
 * neither (archive/tar parseNumeric). Beyond 2^53 the result is rounded.
 */
export function parseNumeric(block: Buffer, offset: number, size: number): number | undefined {
  const first = block[offset] ?? 0;
  return (first & 0x80) === 0 ? parseOctal(block, offset, size) : parseBase256(block, offset, size);
}

/** Reads an octal field; undefined where it is malformed. An empty field is 0. */
export function parseOctal(block: Buffer, offset: number, size: number): number | undefined {
  let at = offset;
  let end = offset + size;
  while (at < end && isPad(block[at])) at++;
  while (end > at && isPad(block[end - 1])) end--;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit === -0x30) break;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

/** The bytes of a field up to its first NUL. */
export function parseText(block: Buffer, offset: number, size: number): ByteString {
  if (block[offset] === 0) return '';
  const end = block.indexOf(0, offset);
  return block.toString('latin1', offset, end < 0 || end > offset + size ? offset + size : end);
}

function parseBase256(block: Buffer, offset: number, size: number): number | undefined {
  const negative = ((block[offset] ?? 0) & 0x40) !== 0;
  let value = 0n;
  for (let at = 0; at < size; at++) {
    let byte = (block[offset + at] ?? 0) ^ (negative ? 0xff : 0);
    if (at === 0) byte &= 0x7f;
    value = (value << 8n) | BigInt(byte);
  }
  if (value >> 63n > 0n) return undefined;
  return Number(negative ? -value - 1n : value);
}

function isPad(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}
