import type { ByteString } from './bytestring.ts';
import { BLOCK } from './tar-block.ts';

const SEGMENT = Buffer.from('{"type":2,"payload":"');
const FILE = Buffer.from('{"type":1,"name":"');
const POSITION = Buffer.from('"position":');
const SIZE = Buffer.from(',"size":');
const PAYLOAD = Buffer.from(',"payload":');
const NULL = Buffer.from('null,');
const [QUOTE, BACKSLASH, COMMA, BRACE, NEWLINE, ZERO, EQUALS] = [0x22, 0x5c, 0x2c, 0x7d, 0x0a, 0x30, 0x3d] as const;
/** A CRC-64 in base64, and where its `=` stands. */
const CRC_LENGTH = 12;
const MOST_DIGITS = 15;
/** Two blocks and a padding in front of them are the most that a plain line holds. */
const LARGEST = 3 * BLOCK;

/** Bytes of a header that are mostly zero, from the beginning of the padding on: what they are in base64. */
const ZEROS: readonly (readonly [start: number, end: number])[] = [
  [Number.NEGATIVE_INFINITY, 0],
  // The name of a link; the names of owners; and the front of a long name.
  [157, 257],
  [265, 329],
  [345, BLOCK],
];
const NOTHING = Buffer.alloc(LARGEST * 2, 'A');

/** The value of each character of base64; -1 for any other byte. */
const VALUES = new Int8Array(256).fill(-1);
for (const [value, char] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUES[char.charCodeAt(0)] = value;

/**
 * Goes through decompressed lines of tar-split that are written as every writer writes them, without JSON and without an object
 * for each. Whatever else a line is, it is not for this reader, which then stands anywhere.
 */
export class SplitLines {
  readonly #text: Buffer;
  readonly #bytes = Buffer.alloc(LARGEST + 3);
  /** Views on the bytes, by where they begin: making one for each block costs as much as reading it. */
  readonly #blocks = new Map<number, Buffer>();
  #at = 0;
  /** Of the last file line. */
  name: ByteString = '';
  size = 0;
  /** Hexadecimal digits; empty where there is none. */
  crc = '';

  constructor(text: Buffer) {
    this.#text = text;
  }

  get isOver(): boolean {
    return this.#at >= this.#text.length;
  }

  /**
   * Reads a line of raw bytes; gives how many they are. Undefined for any other line, or more bytes than a few.
   *
   * @param padding how many bytes stand in front of the block that the line mostly holds
   */
  segment(padding: number): number | undefined {
    const text = this.#text;
    if (!this.#skip(SEGMENT)) return undefined;
    const from = this.#at;
    const size = padding + BLOCK;
    const last = from + Math.ceil(size / 3) * 4;
    const read = text[last] === QUOTE ? this.#header(from, last, padding) : this.#decode(from, 0);
    if (read === undefined) return undefined;
    this.#at += 1;
    return this.#end() ? read : undefined;
  }

  /** Reads a padding and a header. Most of both are zero bytes, which are compared sooner than they are decoded. */
  #header(from: number, last: number, padding: number): number | undefined {
    let group = 0;
    for (const [start, end] of ZEROS) {
      const first = Math.ceil(Math.max(0, padding + start) / 3);
      const behind = Math.min(Math.floor((padding + end) / 3), (last - from) / 4 - 1);
      if (behind <= first) continue;
      const [zeros, length] = [from + first * 4, (behind - first) * 4];
      if (this.#text.compare(NOTHING, 0, length, zeros, zeros + length) !== 0) continue;
      if (!this.#groups(from + group * 4, group * 3, first - group)) return undefined;
      this.#bytes.fill(0, first * 3, behind * 3);
      group = behind;
    }
    return this.#decode(from + group * 4, group * 3);
  }

  /** Decodes whole groups of four characters. */
  #groups(from: number, into: number, count: number): boolean {
    const [text, bytes] = [this.#text, this.#bytes];
    let size = into;
    for (let at = from; at < from + count * 4; at += 4) {
      const word =
        ((VALUES[text[at] as number] as number) << 18) |
        ((VALUES[text[at + 1] as number] as number) << 12) |
        ((VALUES[text[at + 2] as number] as number) << 6) |
        (VALUES[text[at + 3] as number] as number);
      // Any -1 in it makes the whole negative.
      if (word < 0) return false;
      bytes[size] = word >> 16;
      bytes[size + 1] = word >> 8;
      bytes[size + 2] = word;
      size += 3;
    }
    return true;
  }

  /** Decodes up to the quote, which is where the reader stands then; gives how many bytes there are by then. */
  #decode(from: number, into: number): number | undefined {
    const text = this.#text;
    let [at, size] = [from, into];
    for (; text[at] !== QUOTE; at += 4) {
      if (size > LARGEST - 3) return undefined;
      const [third, fourth] = [text[at + 2], text[at + 3]];
      if (third === undefined || fourth === undefined) return undefined;
      if (fourth !== EQUALS) {
        if (!this.#groups(at, size, 1)) return undefined;
        size += 3;
        continue;
      }
      const isShort = third === EQUALS;
      const word =
        ((VALUES[text[at] as number] as number) << 18) |
        ((VALUES[text[at + 1] as number] as number) << 12) |
        ((isShort ? 0 : (VALUES[third] as number)) << 6);
      if (word < 0 || text[at + 4] !== QUOTE) return undefined;
      this.#bytes[size] = word >> 16;
      this.#bytes[size + 1] = word >> 8;
      size += isShort ? 1 : 2;
    }
    this.#at = at;
    return size;
  }

  /** The block that begins at this place of the raw bytes, valid until the next are read. */
  block(start: number): Buffer {
    let block = this.#blocks.get(start);
    if (block === undefined) {
      block = this.#bytes.subarray(start, start + BLOCK);
      this.#blocks.set(start, block);
    }
    return block;
  }

  isZero(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (this.#bytes[at] !== 0) return false;
    return true;
  }

  /** Reads a file's line, with a name that is plain ASCII and nothing escaped in it. False for any other line. */
  file(): boolean {
    const text = this.#text;
    if (!this.#skip(FILE)) return false;
    const start = this.#at;
    for (;;) {
      const byte = text[this.#at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return false;
      this.#at += 1;
    }
    this.name = text.toString('latin1', start, this.#at);
    this.#at += 1;
    this.size = 0;
    if (this.#skip(SIZE)) {
      const size = this.#number();
      if (size === undefined) return false;
      this.size = size;
    }
    if (!this.#skip(PAYLOAD)) return false;
    if (this.#skip(NULL)) {
      // One comma in front of the position is what `#end` wants.
      this.#at -= 1;
      this.crc = '';
      return this.size === 0 && this.#end();
    }
    const crc = this.#crc();
    if (crc === undefined) return false;
    this.crc = crc;
    return this.#end();
  }

  #crc(): string | undefined {
    const text = this.#text;
    const from = this.#at + 1;
    if (text[this.#at] !== QUOTE || text[from + CRC_LENGTH - 1] !== EQUALS || text[from + CRC_LENGTH] !== QUOTE)
      return undefined;
    let size = 0;
    for (let at = from; at < from + CRC_LENGTH; at += 4) {
      const isLast = at === from + CRC_LENGTH - 4;
      const first = ((VALUES[text[at] as number] as number) << 18) | ((VALUES[text[at + 1] as number] as number) << 12);
      const second = (VALUES[text[at + 2] as number] as number) << 6;
      const word = first | second | (isLast ? 0 : (VALUES[text[at + 3] as number] as number));
      if (!(word >= 0)) return undefined;
      this.#bytes[size++] = word >> 16;
      this.#bytes[size++] = word >> 8;
      if (!isLast) this.#bytes[size++] = word;
    }
    this.#at = from + CRC_LENGTH + 1;
    return this.#bytes.toString('hex', 0, size);
  }

  /** Reads the position and the end of the line. */
  #end(): boolean {
    const text = this.#text;
    if (text[this.#at] !== COMMA) return false;
    this.#at += 1;
    if (!this.#skip(POSITION) || this.#number() === undefined || text[this.#at] !== BRACE) return false;
    this.#at += 1;
    if (this.#at < text.length && text[this.#at] !== NEWLINE) return false;
    this.#at += 1;
    return true;
  }

  /** A number without a sign, a fraction or a zero in front. */
  #number(): number | undefined {
    const text = this.#text;
    const start = this.#at;
    let value = 0;
    for (;;) {
      const digit = (text[this.#at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      this.#at += 1;
    }
    const count = this.#at - start;
    return count === 0 || count > MOST_DIGITS || (count > 1 && text[start] === ZERO) ? undefined : value;
  }

  #skip(words: Buffer): boolean {
    for (let at = 0; at < words.length; at++) if (this.#text[this.#at + at] !== words[at]) return false;
    this.#at += words.length;
    return true;
  }
}
