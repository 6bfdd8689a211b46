/** What one block of a deflate stream can hold as it is (RFC 1951, 3.2.4). */
export const MOST_STORED = 0xffff;

/** CRC-32 of a byte (RFC 1952, 8: reflected, polynomial 0xedb88320). */
let table: Int32Array | undefined;

/**
 * A gzip member (RFC 1952) whose bytes stand in it as they are: for a few, which would not take a block of the disk less, and which
 * loading zlib and opening a stream takes longer for than all else. Its header has no name and no time, and says as Go's that the
 * operating system is unknown.
 *
 * @param bytes at most MOST_STORED; they are copied
 */
export function storedGzip(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const member = Buffer.alloc(HEADER.length + BLOCK_SIZE + length + TRAILER_SIZE);
  member.set(HEADER);
  // The last block, stored: its size and the complement of it.
  member[HEADER.length] = 1;
  member.writeUInt16LE(length, HEADER.length + 1);
  member.writeUInt16LE(~length & 0xffff, HEADER.length + 3);
  member.set(bytes, HEADER.length + BLOCK_SIZE);
  member.writeInt32LE(crc32(bytes), member.length - TRAILER_SIZE);
  member.writeUInt32LE(length, member.length - TRAILER_SIZE + 4);
  return member;
}

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const BLOCK_SIZE = 5;
const TRAILER_SIZE = 8;

function crc32(bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc;
}

function crcTable(): Int32Array {
  const sums = new Int32Array(256);
  for (let byte = 0; byte < sums.length; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    sums[byte] = sum;
  }
  return sums;
}
