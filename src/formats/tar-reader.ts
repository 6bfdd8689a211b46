import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { BLOCK } from './tar-block.ts';
import { NO_XATTRS, type TarEntry, type TarType } from './tar-entry.ts';
import { mergePax, xattrsOf } from './tar-merge-pax.ts';
import { parseText } from './tar-number.ts';
import { parsePaxRecords, sparse } from './tar-pax-records.ts';
import { parseRawHeader, type RawTarHeader } from './tar-raw-header.ts';

/** What a tar is made of, in order. Concatenating `raw`, `chunk` and `bytes` of all events gives the archive back. */
export interface TarHandler {
  /**
   * A file begins. `raw` holds its header with all extended headers in front; `dataSize` bytes of content follow. The name is
   * as in the archive: not cleaned, a folder perhaps without its slash.
   */
  header(entry: TarEntry, raw: Buffer, dataSize: number): void;
  /** A PAX global header, which is no file but which tar-split counts as one. */
  globalHeader(name: ByteString, raw: Buffer): void;
  /** A piece of the content of the file: a view on the chunk that was pushed, never a copy. */
  data(chunk: Buffer): void;
  /** The content is complete. */
  end(): void;
  /** Padding behind a content, and the two zero blocks of the end. */
  padding(bytes: Buffer): void;
  /** What follows the end of the archive. */
  trailing(bytes: Buffer): void;
}

export interface TarLimits {
  /** Files in the archive; 4 million unless told. */
  readonly maxEntries?: number;
  /** Bytes in one extended header; 1 MiB unless told (Go's own limit). */
  readonly maxSpecialSize?: number;
  /** Bytes in a name or link target; 4096 unless told (Linux's PATH_MAX). */
  readonly maxNameLength?: number;
  /** Bytes of the whole archive; no limit unless told. */
  readonly maxTotal?: number;
}

type State = 'header' | 'special' | 'specialPadding' | 'data' | 'padding' | 'zero' | 'trailing';

const TYPES = new Set<string>(['0', '1', '2', '3', '4', '5', '6']);
const ZERO_BLOCK = Buffer.alloc(BLOCK);

/**
 * A streaming reader that keeps every raw byte, for the dialects v7, ustar, PAX, GNU and star. It sees the same files as Go's
 * archive/tar does. Push chunks of any size and call `finish` at the end. Buffers handed to the handler are only valid
 * during the call. Throws LL_TAR for malformed archives, LL_TAR_UNSUPPORTED for sparse files and kinds of files that Docker
 * refuses, LL_LIMIT beyond a limit.
 */
export class TarReader {
  readonly #handler: TarHandler;
  readonly #limits: Required<TarLimits>;
  #state: State = 'header';
  /** Bytes still to come in the states of a known length. */
  #left = 0;
  #padding = 0;
  #total = 0;
  #entries = 0;
  /** The first part of a block that was split between two chunks. */
  #partial = Buffer.alloc(0);
  #special: RawTarHeader | undefined;
  #specialParts: Buffer[] = [];
  /** Header blocks and extended headers of the file to come. */
  #raw: Buffer[] = [];
  #pax: ReadonlyMap<ByteString, ByteString> | undefined;
  #longName = '';
  #longLink = '';

  constructor(handler: TarHandler, limits: TarLimits = {}) {
    this.#handler = handler;
    this.#limits = {
      maxEntries: limits.maxEntries ?? 4_000_000,
      maxSpecialSize: limits.maxSpecialSize ?? 1 << 20,
      maxNameLength: limits.maxNameLength ?? 4096,
      maxTotal: limits.maxTotal ?? Number.POSITIVE_INFINITY,
    };
  }

  /** Takes the next bytes of the archive; they may be overwritten once the call is back. */
  push(chunk: Buffer): void {
    this.#total += chunk.length;
    if (this.#total > this.#limits.maxTotal) throw overLimit(`is over ${this.#limits.maxTotal} bytes long`);
    for (let at = 0; at < chunk.length; ) at = this.#step(chunk, at);
  }

  /** Ends the archive. Throws LL_TAR where it breaks off within a header or a content; missing end blocks are fine. */
  finish(): void {
    // Padding may be missing at the very end, and an extended header may have no file: Go lets both pass.
    const done = this.#state !== 'data' && this.#state !== 'special' && this.#partial.length === 0;
    if (!done) throw new LayerlabError('LL_TAR', 'unexpected end of the tar archive');
    this.#flushRaw();
  }

  /** Bytes of the content at hand that are still to come. */
  get contentLeft(): number {
    return this.#state === 'data' ? this.#left : 0;
  }

  /** Skips the content of the file whose header came last, without its bytes; returns how many were left out. */
  skipContent(): number {
    if (this.#state !== 'data') return 0;
    const skipped = this.#left;
    this.#endData();
    return skipped;
  }

  /** Handles bytes of the chunk from `at` on and returns the position behind them. */
  #step(chunk: Buffer, at: number): number {
    const available = chunk.length - at;
    switch (this.#state) {
      case 'trailing':
        this.#handler.trailing(chunk.subarray(at));
        return chunk.length;
      case 'data': {
        const size = Math.min(available, this.#left);
        this.#handler.data(chunk.subarray(at, at + size));
        this.#left -= size;
        if (this.#left === 0) this.#endData();
        return at + size;
      }
      case 'padding': {
        const size = Math.min(available, this.#left);
        this.#handler.padding(chunk.subarray(at, at + size));
        this.#left -= size;
        if (this.#left === 0) this.#state = 'header';
        return at + size;
      }
      case 'special':
      case 'specialPadding': {
        const size = Math.min(available, this.#left);
        const part = Buffer.from(chunk.subarray(at, at + size));
        this.#raw.push(part);
        if (this.#state === 'special') this.#specialParts.push(part);
        this.#left -= size;
        if (this.#left === 0) this.#endSpecial();
        return at + size;
      }
      default: {
        const size = Math.min(available, BLOCK - this.#partial.length);
        const piece = chunk.subarray(at, at + size);
        const block = this.#partial.length === 0 ? piece : Buffer.concat([this.#partial, piece]);
        if (block.length < BLOCK) this.#partial = Buffer.from(block);
        else {
          if (this.#partial.length > 0) this.#partial = Buffer.alloc(0);
          this.#block(block);
        }
        return at + size;
      }
    }
  }

  #block(block: Buffer): void {
    const zero = block[0] === 0 && block.equals(ZERO_BLOCK);
    if (this.#state === 'zero') {
      if (!zero) throw new LayerlabError('LL_TAR', 'invalid tar header: a zero block stands between two files');
      this.#handler.padding(block);
      this.#state = 'trailing';
      return;
    }
    if (zero) {
      this.#flushRaw();
      this.#handler.padding(block);
      this.#state = 'zero';
      return;
    }
    const header = parseRawHeader(block);
    if (header.typeflag === 'x' || header.typeflag === 'g' || header.typeflag === 'L' || header.typeflag === 'K') {
      this.#raw.push(Buffer.from(block));
      this.#beginSpecial(header);
    } else {
      this.#file(header, block);
    }
  }

  #beginSpecial(header: RawTarHeader): void {
    if (header.size < 0) throw negativeSize();
    if (header.size > this.#limits.maxSpecialSize) throw overLimit('has an extended header that is too long');
    if (this.#raw.length > 64) throw overLimit('has too many extended headers for one file');
    this.#special = header;
    this.#specialParts = [];
    this.#left = header.size;
    this.#padding = -header.size & (BLOCK - 1);
    this.#state = 'special';
    if (this.#left === 0) this.#endSpecial();
  }

  #endSpecial(): void {
    if (this.#state === 'special') {
      this.#applySpecial(Buffer.concat(this.#specialParts));
      this.#specialParts = [];
      // A global header has been handed out by now: what follows is padding of its own.
      this.#state = this.#special === undefined ? 'padding' : 'specialPadding';
      this.#left = this.#padding;
      if (this.#left > 0) return;
    }
    this.#special = undefined;
    this.#state = 'header';
  }

  #applySpecial(data: Buffer): void {
    const typeflag = this.#special?.typeflag;
    if (typeflag === 'L') this.#longName = parseText(data, 0, data.length);
    else if (typeflag === 'K') this.#longLink = parseText(data, 0, data.length);
    else {
      const records = parsePaxRecords(data);
      if (typeflag === 'x') this.#pax = records;
      else if (this.#special !== undefined) this.#global(mergePax(this.#special, records).name);
    }
  }

  #global(name: ByteString): void {
    this.#count(name, '');
    this.#handler.globalHeader(name, this.#takeRaw());
    this.#special = undefined;
    this.#pax = undefined;
    this.#longName = '';
    this.#longLink = '';
  }

  #file(raw: RawTarHeader, block: Buffer): void {
    const pax = this.#pax;
    const header = pax === undefined ? raw : mergePax(raw, pax);
    const entry = entryOf(header, this.#longName, this.#longLink, pax === undefined ? NO_XATTRS : xattrsOf(pax));
    this.#pax = undefined;
    this.#longName = '';
    this.#longLink = '';
    this.#count(entry.name, entry.linkname);
    if (entry.size < 0) throw negativeSize();
    const dataSize = entry.type === '0' ? entry.size : 0;
    if (!Number.isSafeInteger(dataSize)) throw overLimit('holds a file of more than 2^53 bytes');
    this.#handler.header(entry, this.#raw.length === 0 ? block : this.#takeRaw(block), dataSize);
    this.#left = dataSize;
    this.#padding = dataSize % BLOCK === 0 ? 0 : BLOCK - (dataSize % BLOCK);
    this.#state = 'data';
    if (dataSize === 0) this.#endData();
  }

  #endData(): void {
    this.#handler.end();
    this.#left = this.#padding;
    this.#state = this.#left === 0 ? 'header' : 'padding';
  }

  /** Extended headers that no file follows: Go drops them, but tar-split keeps their bytes. */
  #flushRaw(): void {
    for (const part of this.#raw) this.#handler.padding(part);
    this.#raw = [];
  }

  #takeRaw(block: Buffer = ZERO_BLOCK.subarray(0, 0)): Buffer {
    const raw = Buffer.concat([...this.#raw, block]);
    this.#raw = [];
    return raw;
  }

  #count(name: ByteString, linkname: ByteString): void {
    this.#entries++;
    if (this.#entries > this.#limits.maxEntries) throw overLimit(`holds more than ${this.#limits.maxEntries} files`);
    if (name.length > this.#limits.maxNameLength || linkname.length > this.#limits.maxNameLength) {
      throw overLimit('holds a file whose name is too long');
    }
  }
}

/** A header as a file of the archive, with what extended headers in front of it say. Throws LL_TAR_UNSUPPORTED. */
export function entryOf(
  header: RawTarHeader,
  longName: ByteString,
  longLink: ByteString,
  xattrs: ReadonlyMap<ByteString, Buffer>,
): TarEntry {
  const name = longName || header.name;
  const type = header.typeflag === '\0' ? (name.endsWith('/') ? '5' : '0') : header.typeflag;
  if (type === 'S') throw sparse();
  if (!isTarType(type)) {
    throw new LayerlabError('LL_TAR_UNSUPPORTED', `unhandled tar header type ${JSON.stringify(type)}`);
  }
  // Field by field: spreading the header costs more than reading it.
  return {
    name,
    type,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    size: header.size,
    mtime: header.mtime,
    linkname: longLink || header.linkname,
    uname: header.uname,
    gname: header.gname,
    devmajor: header.devmajor,
    devminor: header.devminor,
    xattrs,
  };
}

function isTarType(type: string): type is TarType {
  return TYPES.has(type);
}

function negativeSize(): LayerlabError {
  return new LayerlabError('LL_TAR', 'invalid tar header: the size is negative');
}

function overLimit(what: string): LayerlabError {
  return new LayerlabError('LL_LIMIT', `the tar archive ${what}`);
}
