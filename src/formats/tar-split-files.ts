import type { ByteString } from './bytestring.ts';
import { BLOCK, paddingOf } from './tar-block.ts';
import { cleanName } from './tar-clean-name.ts';
import { NO_XATTRS, type TarEntry } from './tar-entry.ts';
import { parseRawHeader } from './tar-raw-header.ts';
import { entryOf } from './tar-reader.ts';
import { SplitLines } from './tar-split-lines-reader.ts';
import { parseTarSplit, type TarSplitEntry, tarSplitHeaders } from './tar-split-reader.ts';

/** A file of a layer: its header, and the CRC-64 of its content in hexadecimal digits, empty where there is none. */
export interface SplitFile {
  readonly header: TarEntry;
  readonly crc: string;
}

/**
 * The files of a layer from the decompressed lines of its tar-split, in the order of its tar. Throws LL_CORRUPT where lines are
 * malformed or do not fit together, LL_LIMIT beyond a limit.
 *
 * Nearly all files are two lines of one shape, raw bytes that are a padding and one header block, then the file: these are read as they
 * stand. What is anything else is left to the readers of any tar-split and of any tar, from the beginning.
 */
export function* tarSplitFiles(text: Buffer): Generator<SplitFile> {
  const plain = new PlainFiles(text);
  let given = 0;
  for (let file = plain.next(); file !== undefined; file = plain.next()) {
    given += 1;
    yield file;
  }
  if (plain.isAtEnd) return;
  for (const file of anyFiles(text)) {
    if (given > 0) given -= 1;
    else yield file;
  }
}

function* anyFiles(text: Buffer): Generator<SplitFile> {
  let line: TarSplitEntry | undefined;
  function* watched(): Generator<TarSplitEntry> {
    for (const entry of parseTarSplit(text)) {
      line = entry;
      yield entry;
    }
  }
  // A header is given when its file's line was read: the checksum in that line is the header's.
  for (const header of tarSplitHeaders(watched())) {
    yield { header, crc: line?.kind === 'file' ? (line.crc?.toString('hex') ?? '') : '' };
  }
}

/** With more, the limits of the readers of any tar-split and any tar are asked. */
const MOST_FILES = 1_000_000;

/** Reads files as long as they are of the usual shape. */
class PlainFiles {
  readonly #lines: SplitLines;
  readonly #names = new Set<ByteString>();
  /** Zero bytes that stand behind the last content. */
  #padding = 0;
  /** Whether all was read, and all of it was plain. */
  isAtEnd = false;

  constructor(text: Buffer) {
    this.#lines = new SplitLines(text);
  }

  next(): SplitFile | undefined {
    const lines = this.#lines;
    const size = lines.segment(this.#padding);
    if (size === undefined) return undefined;
    // The two blocks of the end.
    if (size === this.#padding + 2 * BLOCK && lines.isOver) {
      this.isAtEnd = lines.isZero(this.#padding, size);
      return undefined;
    }
    if (size !== this.#padding + BLOCK || lines.isOver) return undefined;
    const header = headerOf(lines.block(this.#padding));
    if (header === undefined || !lines.file()) return undefined;
    const content = header.type === '0' ? header.size : 0;
    if (header.name !== lines.name || (header.type === '0' && content !== lines.size)) return undefined;
    const name = cleanName(header.name);
    if (this.#names.has(name) || this.#names.size >= MOST_FILES) return undefined;
    this.#names.add(name);
    this.#padding = paddingOf(content);
    return { header, crc: lines.crc };
  }
}

/** Kinds of entries that stand for themselves. */
const PLAIN = new Set(['0', '1', '2', '3', '4', '5', '6']);

function headerOf(block: Buffer): TarEntry | undefined {
  try {
    const raw = parseRawHeader(block);
    return PLAIN.has(raw.typeflag) && raw.size >= 0 && Number.isSafeInteger(raw.size)
      ? entryOf(raw, '', '', NO_XATTRS)
      : undefined;
  } catch {
    return undefined;
  }
}
