import { readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import type { Sha256Stream } from '../../formats/sha256.ts';
import { BLOCK } from '../../formats/tar-block.ts';
import { ioError } from '../../host/io-error.ts';

/** Of one CRC-64, bytes. */
export const SUM_SIZE = 8;

/**
 * A list in the memory of a slot: the number of an open file (4 bytes), then what is to be hashed, in its order. Bytes are their
 * length (4 bytes) and themselves; zero bytes are `ZEROS` and their number (4 bytes each); a range of the file is `RANGE` (4 bytes),
 * its offset and its size (8 bytes each), and 8 bytes that take its CRC-64. `END` (4 bytes) ends it.
 */
const ZEROS = 0xffff_fffd;
const RANGE = 0xffff_fffe;
const END = 0xffff_ffff;
const RANGE_SIZE = 4 + 8 + 8 + SUM_SIZE;
/** A header ends with a third of zero bytes where its name is not long, and padding is nothing else; more is not looked for. */
const NOTHING = Buffer.alloc(BLOCK);
const HEADER_END = 345;
const NO_FILE = -1;

/** Writes a list into the memory of a slot. */
export class ListWriter {
  readonly #slot: Buffer;
  #file = NO_FILE;
  #at = 4;
  /** Where the CRC-64s will be. */
  readonly sums: number[] = [];

  constructor(slot: Buffer) {
    this.#slot = slot;
    slot.writeInt32LE(NO_FILE, 0);
  }

  /** False, and nothing done, where there is no room for them. */
  bytes(bytes: Uint8Array): boolean {
    const end = endOf(bytes);
    const zeros = bytes.length - end;
    if (!this.#hasRoom(4 + end + 8)) return false;
    if (end > 0) {
      this.#at = this.#slot.writeUInt32LE(end, this.#at);
      this.#slot.set(end === bytes.length ? bytes : bytes.subarray(0, end), this.#at);
      this.#at += end;
    }
    if (end < bytes.length) {
      this.#at = this.#slot.writeUInt32LE(ZEROS, this.#at);
      this.#at = this.#slot.writeUInt32LE(zeros, this.#at);
    }
    return true;
  }

  /** As `bytes`; of one file only. */
  range(file: number, offset: number, size: number): boolean {
    if (!this.#hasRoom(RANGE_SIZE) || (this.#file !== NO_FILE && this.#file !== file)) return false;
    if (this.#file === NO_FILE) this.#slot.writeInt32LE(file, 0);
    this.#file = file;
    this.#at = this.#slot.writeUInt32LE(RANGE, this.#at);
    this.#at = this.#slot.writeDoubleLE(offset, this.#at);
    this.#at = this.#slot.writeDoubleLE(size, this.#at);
    this.sums.push(this.#at);
    this.#at += SUM_SIZE;
    return true;
  }

  end(): void {
    this.#slot.writeUInt32LE(END, this.#at);
  }

  #hasRoom(size: number): boolean {
    return this.#at + size + 4 <= this.#slot.length;
  }
}

/** Where nothing but zero bytes follow: behind what a header says, or nowhere in padding. */
function endOf(bytes: Uint8Array): number {
  const { length } = bytes;
  if (length > BLOCK) return length;
  if (isZero(bytes, 0)) return 0;
  return length === BLOCK && isZero(bytes, HEADER_END) ? HEADER_END : length;
}

function isZero(bytes: Uint8Array, from: number): boolean {
  return bytes[from] === 0 && NOTHING.compare(bytes, from, bytes.length, 0, bytes.length - from) === 0;
}

/** Takes the bytes of a list, piece by piece. */
export interface BlockSink {
  /** Where the next bytes may be put: at least one. */
  room(): Buffer;
  /** Takes the first bytes of `room`. */
  take(count: number): void;
}

/**
 * Hands over all that a list names, and leaves the CRC-64 of each range in it.
 *
 * @throws LL_IO, and LL_CONTEXT where the file is shorter than a range of it
 */
export function readList(sink: BlockSink, crc: Crc64, slot: Buffer): void {
  const file = slot.readInt32LE(0);
  for (let at = 4; ; ) {
    const mark = slot.readUInt32LE(at);
    at += 4;
    if (mark === END) return;
    if (mark === RANGE) {
      const [offset, size] = [slot.readDoubleLE(at), slot.readDoubleLE(at + 8)];
      crc.init();
      for (let done = 0; done < size; ) {
        const room = sink.room();
        const count = readAt(file, room, Math.min(room.length, size - done), offset + done);
        crc.update(room.subarray(0, count));
        done += count;
        sink.take(count);
      }
      slot.set(crc.digest(), at + 16);
      at += RANGE_SIZE - 4;
    } else if (mark === ZEROS) {
      for (let left = slot.readUInt32LE(at); left > 0; ) {
        const room = sink.room();
        const count = Math.min(room.length, left);
        room.fill(0, 0, count);
        left -= count;
        sink.take(count);
      }
      at += 4;
    } else {
      for (const end = at + mark; at < end; ) {
        const count = slot.copy(sink.room(), 0, at, end);
        at += count;
        sink.take(count);
      }
    }
  }
}

/** What is hashed at once: many short pieces one behind the other. */
const PIECE = 256 * 1024;
let piece: Buffer | undefined;

/** Takes all that a list names through a hash, else as `readList`. */
export function hashList(hash: Sha256Stream, crc: Crc64, slot: Buffer): void {
  piece ??= Buffer.allocUnsafeSlow(PIECE);
  const into = piece;
  let filled = 0;
  const flush = (): void => {
    hash.update(filled === PIECE ? into : into.subarray(0, filled));
    filled = 0;
  };
  const sink: BlockSink = {
    room: () => into.subarray(filled),
    take: (count) => {
      filled += count;
      if (filled === PIECE) flush();
    },
  };
  readList(sink, crc, slot);
  if (filled > 0) flush();
}

function readAt(file: number, into: Buffer, size: number, offset: number): number {
  let count: number;
  try {
    count = readSync(file, into, 0, size, offset);
  } catch (error) {
    throw ioError(error, 'reading contents of a layer');
  }
  if (count === 0) throw new LayerlabError('LL_CONTEXT', 'an archive became shorter while it was read');
  return count;
}
