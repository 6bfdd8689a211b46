import { gzip, gzipSync } from 'node:zlib';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from './bytestring.ts';
import { storedGzip } from './stored-gzip.ts';
import { BLOCK } from './tar-block.ts';
import { cleanName } from './tar-clean-name.ts';
import { fileLine, segmentLine } from './tar-split-lines.ts';
import { TailChunks } from './tar-tail-chunks.ts';

export interface TarSplitOptions {
  /** End with an empty segment, as Docker up to 24 does (tar-split before 0.11.5). */
  readonly emptyTail?: boolean;
  /** Escape backspace and form feed in names the long way, as Docker built with Go before 1.22 does. */
  readonly longEscapes?: boolean;
  /** Compress while the text is made, beside this thread; then only `finished` ends the file. */
  readonly aside?: boolean;
  /** The names are those of a tree: none comes twice, unless a mark of a deletion is called as a file is. */
  readonly isTree?: boolean;
}

/** What the names of marks begin with. */
const MARK = '.wh.';

/** Bytes of text collected before they are compressed into a gzip member of their own. */
const MEMBER_SIZE = 2 << 20;

/**
 * Writes `tar-split.json.gz`, which gives a layer's tar back from the files on disk (vbatts/tar-split tar/asm and
 * tar/storage). Call `segment` and `file` in the order of the tar, `trailing` for what follows its two zero blocks, then
 * `finish`. Memory is bounded by the compressed size, the names and a few MiB. A writer serves one tar.
 */
export class TarSplitWriter {
  readonly #options: TarSplitOptions;
  readonly #names = new Set<ByteString>();
  readonly #members: (Buffer | Promise<Buffer>)[] = [];
  /** Memory of texts that are compressed: memory that was in use a moment ago costs the kernel nothing. */
  readonly #spare: Buffer[] = [];
  readonly #tail = new TailChunks();
  /** The segment so far. */
  #raw = Buffer.alloc(4096);
  #rawLength = 0;
  /** Lines that are not compressed yet. Bytes, not a string: a long string made of small ones keeps the collector busy. */
  #text: Buffer = Buffer.allocUnsafeSlow(64 << 10);
  #textSize = 0;
  #position = 0;

  constructor(options: TarSplitOptions = {}) {
    this.#options = options;
  }

  /** Takes bytes of the tar that are no content; they are copied. Up to the next file they form one segment. */
  segment(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#tail.raw(bytes.length);
    const length = this.#rawLength + bytes.length;
    if (length > this.#raw.length) {
      const larger = Buffer.alloc(Math.max(length, this.#raw.length * 2));
      larger.set(this.#raw.subarray(0, this.#rawLength));
      this.#raw = larger;
    }
    this.#raw.set(bytes, this.#rawLength);
    this.#rawLength = length;
  }

  /**
   * Takes a file, once its content is known: its name as in the header, its size, and the CRC-64 of the content (undefined for
   * size 0). Throws LL_TAR when the tar had a file of the same cleaned name before, as upstream does.
   */
  file(name: ByteString, size: number, crc: Buffer | undefined): void {
    this.#flushSegment();
    this.#takeName(name);
    this.#tail.content(size);
    this.#line(fileLine(name, size, crc, this.#position, this.#options.longEscapes === true));
  }

  /**
   * Whether lines that were made elsewhere follow here: those for a header of one block behind `padding` zero bytes, and the
   * file that it is of, the first at `position`.
   */
  follows(position: number, padding: number): boolean {
    return position === this.#position && padding === this.#rawLength;
  }

  /** Takes a file whose header is one block, in place of `segment`, `file` and `segment` for its padding; its lines come by `lines`. */
  made(name: ByteString, size: number, padding: number): void {
    this.#takeName(name);
    this.#tail.raw(BLOCK);
    this.#tail.content(size);
    this.#position += 2;
    this.#raw.fill(0, 0, padding);
    this.#rawLength = padding;
    if (padding > 0) this.#tail.raw(padding);
  }

  /** Takes the lines of files that `made` was told of, before any other line. */
  lines(text: Buffer): void {
    for (let at = 0; at < text.length; ) {
      // A member ends with the line that makes it large enough, wherever lines come from.
      const end = text.indexOf(0x0a, at + MEMBER_SIZE - this.#textSize - 1) + 1;
      const part = text.subarray(at, end === 0 ? text.length : end);
      this.#room(part.length);
      this.#text.set(part, this.#textSize);
      this.#grown(part.length);
      at += part.length;
    }
  }

  #takeName(name: ByteString): void {
    if (this.#options.isTree === true && !name.includes(MARK)) return;
    const clean = cleanName(name);
    if (this.#names.has(clean)) {
      throw new LayerlabError(
        'LL_TAR',
        `duplicates of file paths not supported: ${JSON.stringify(fromByteString(clean))}`,
      );
    }
    this.#names.add(clean);
  }

  /** Takes bytes behind the two zero blocks of the tar; they become segments of the size that upstream's reads give. */
  trailing(bytes: Uint8Array): void {
    this.#flushSegment();
    for (const chunk of this.#tail.push(bytes)) this.#writeSegment(chunk);
  }

  /** The whole file: gzip members one after the other, with the header bytes that Go writes, compressed where that saves a block. */
  finish(): Buffer {
    this.#end();
    return joined(this.#members.filter((member) => Buffer.isBuffer(member)));
  }

  /** As `finish`, also where members are compressed aside. */
  async finished(): Promise<Buffer> {
    this.#end();
    return joined(await Promise.all(this.#members));
  }

  #end(): void {
    this.#flushSegment();
    const rest = this.#tail.rest();
    if (rest.length > 0) this.#writeSegment(rest);
    if (this.#options.emptyTail === true) this.#writeSegment(Buffer.alloc(0));
    if (this.#members.length === 0 && this.#textSize <= NOT_WORTH_COMPRESSING) {
      this.#members.push(storedGzip(this.#text.subarray(0, this.#textSize)));
    } else if (this.#textSize > 0) this.#compress();
  }

  #flushSegment(): void {
    if (this.#rawLength === 0) return;
    this.#writeSegment(this.#raw.subarray(0, this.#rawLength));
    this.#rawLength = 0;
  }

  #writeSegment(bytes: Buffer): void {
    this.#line(segmentLine(bytes, this.#position), true);
  }

  #line(line: string, isAscii = false): void {
    this.#position++;
    // A UTF-16 unit takes at most 3 bytes.
    this.#room(isAscii ? line.length : line.length * 3);
    this.#grown(this.#text.write(line, this.#textSize, isAscii ? 'latin1' : 'utf8'));
  }

  #room(bytes: number): void {
    const size = this.#textSize + bytes;
    if (size <= this.#text.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(this.#text.length * 4, MEMBER_SIZE + SLACK)));
    this.#text.copy(larger, 0, 0, this.#textSize);
    this.#text = larger;
  }

  #grown(bytes: number): void {
    this.#textSize += bytes;
    if (this.#textSize >= MEMBER_SIZE) this.#compress();
  }

  #compress(): void {
    const text = this.#text.subarray(0, this.#textSize);
    this.#textSize = 0;
    if (this.#options.aside !== true) {
      this.#members.push(asGo(gzipSync(text, GZIP)));
      return;
    }
    const memory = this.#text;
    this.#text = this.#spare.pop() ?? Buffer.allocUnsafeSlow(Math.min(memory.length, MEMBER_SIZE + SLACK));
    const member = new Promise<Buffer>((resolve, reject) => {
      gzip(text, GZIP, (error, bytes) => {
        this.#spare.push(memory);
        if (error === null) resolve(asGo(bytes));
        else reject(error);
      });
    });
    // Whoever asks for the file hears of a failure.
    member.catch(() => undefined);
    this.#members.push(member);
  }
}

/** A member is as much longer than MEMBER_SIZE as its last line is; nearly all of them are short. */
const SLACK = 4096;

/** With header and sums, a file of so many takes one block of most file systems, however small it were. */
const NOT_WORTH_COMPRESSING = 4000;

/** Two fifths of the time of the usual level, for a fifth more bytes. */
const GZIP = { chunkSize: 256 << 10, level: 3 };

/** Go leaves the flags for the level at 0 and says "unknown" for the operating system. */
function asGo(member: Buffer): Buffer {
  member[8] = 0;
  member[9] = 0xff;
  return member;
}

function joined(members: readonly Buffer[]): Buffer {
  return members.length === 1 ? (members[0] ?? Buffer.alloc(0)) : Buffer.concat(members);
}
