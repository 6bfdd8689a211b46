import { crc32 } from './crc32.ts';

/** What one block of a deflate stream can hold as it is (RFC 1951, 3.2.4). */
export const MOST_STORED = 0xffff;

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
  member.writeUInt32LE(crc32(bytes), member.length - TRAILER_SIZE);
  member.writeUInt32LE(length, member.length - TRAILER_SIZE + 4);
  return member;
}

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const BLOCK_SIZE = 5;
const TRAILER_SIZE = 8;
