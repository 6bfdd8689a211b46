/** CRC-32 (RFC 1952, 8) of some bytes, as a number of 32 bits with a sign or without one. */
export type Crc32 = (bytes: Uint8Array) => number;

let offered: (() => Crc32 | undefined) | undefined;
let chosen: Crc32 | undefined;
let table: Int32Array | undefined;

/** Offers a way that is faster for a few thousand bytes than code that V8 has only just met; it is asked for once, and gives undefined if there is none. */
export function offerCrc32(find: () => Crc32 | undefined): void {
  if (offered !== find) chosen = undefined;
  offered = find;
}

/** CRC-32 as gzip has it: 0 to 0xffffffff. */
export function crc32(bytes: Uint8Array): number {
  chosen ??= offered?.() ?? byTable;
  return chosen(bytes) >>> 0;
}

function byTable(bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc;
}

/** The sum of each byte: reflected, polynomial 0xedb88320. */
function crcTable(): Int32Array {
  const sums = new Int32Array(256);
  for (let byte = 0; byte < sums.length; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    sums[byte] = sum;
  }
  return sums;
}
