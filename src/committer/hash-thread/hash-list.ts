import type { Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import { ioError } from '../../host/io-error.ts';

/** Of one CRC-64, bytes. */
export const SUM_SIZE = 8;

/**
 * A list in the memory of a slot: the number of an open file (4 bytes), then what is to be hashed, in its order. Bytes are their
 * length (4 bytes) and themselves; a range of the file is `RANGE` (4 bytes), its offset and its size (8 bytes each), and 8 bytes
 * that take its CRC-64. `END` (4 bytes) ends it.
 */
const RANGE = 0xffff_fffe;
const END = 0xffff_ffff;
const RANGE_SIZE = 4 + 8 + 8 + SUM_SIZE;

/** Writes a list into the memory of a slot. */
export class ListWriter {
  readonly #slot: Buffer;
  readonly file: number;
  #at = 4;
  /** Where the CRC-64s will be. */
  readonly sums: number[] = [];

  constructor(slot: Buffer, file: number) {
    this.#slot = slot;
    this.file = file;
    slot.writeInt32LE(file, 0);
  }

  /** False, and nothing done, where there is no room for them. */
  bytes(bytes: Uint8Array): boolean {
    if (!this.#hasRoom(4 + bytes.length)) return false;
    this.#at = this.#slot.writeUInt32LE(bytes.length, this.#at);
    this.#slot.set(bytes, this.#at);
    this.#at += bytes.length;
    return true;
  }

  /** As `bytes`. */
  range(offset: number, size: number): boolean {
    if (!this.#hasRoom(RANGE_SIZE)) return false;
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

/** What is hashed at once: many short pieces one behind the other. */
const BLOCK = 256 * 1024;
let block: Buffer | undefined;

/**
 * Takes all that a list names through a hash, and leaves the CRC-64 of each range in it.
 *
 * @throws LL_IO, and LL_CONTEXT where the file is shorter than a range of it
 */
export function hashList(hash: Hash, crc: Crc64, slot: Buffer): void {
  block ??= Buffer.allocUnsafeSlow(BLOCK);
  const into = block;
  const file = slot.readInt32LE(0);
  let filled = 0;
  const flush = (): void => {
    hash.update(filled === BLOCK ? into : into.subarray(0, filled));
    filled = 0;
  };
  for (let at = 4; ; ) {
    const mark = slot.readUInt32LE(at);
    at += 4;
    if (mark === END) break;
    if (mark !== RANGE) {
      for (let done = 0; done < mark; ) {
        const count = slot.copy(into, filled, at + done, at + mark);
        done += count;
        filled += count;
        if (filled === BLOCK) flush();
      }
      at += mark;
      continue;
    }
    const [offset, size] = [slot.readDoubleLE(at), slot.readDoubleLE(at + 8)];
    crc.init();
    for (let done = 0; done < size; ) {
      const count = readAt(file, into, filled, Math.min(BLOCK - filled, size - done), offset + done);
      crc.update(into.subarray(filled, filled + count));
      done += count;
      filled += count;
      if (filled === BLOCK) flush();
    }
    slot.set(crc.digest(), at + 16);
    at += RANGE_SIZE - 4;
  }
  if (filled > 0) flush();
}

function readAt(file: number, into: Buffer, at: number, size: number, offset: number): number {
  let count: number;
  try {
    count = readSync(file, into, at, size, offset);
  } catch (error) {
    throw ioError(error, 'reading contents of a layer');
  }
  if (count === 0) throw new LayerlabError('LL_CONTEXT', 'an archive became shorter while it was read');
  return count;
}
