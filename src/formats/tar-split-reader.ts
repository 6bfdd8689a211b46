import { gunzipSync } from 'node:zlib';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from './bytestring.ts';
import { cleanName } from './tar-clean-name.ts';
import type { TarSplitEntry } from './tar-split-entry.ts';

export { assembleTar } from './tar-split-assemble.ts';
export type { TarSplitEntry } from './tar-split-entry.ts';
export { tarSplitHeaders } from './tar-split-headers.ts';

export interface TarSplitLimits {
  /** Bytes after decompression; 2 GiB unless told. */
  readonly maxTotal?: number;
  /** Lines; 10 million unless told. */
  readonly maxEntries?: number;
  /** Characters in a line; 128 MiB unless told. */
  readonly maxLine?: number;
}

const MAX_LINE = 128 << 20;
const LEAST_CHUNK = 16 << 10;
const LARGEST_CHUNK = 64 << 20;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Decompresses the bytes of a `tar-split.json.gz`; files of several gzip members are fine. Throws LL_CORRUPT for what is no
 * gzip, LL_LIMIT for more than `maxTotal` bytes.
 */
export function decompressTarSplit(compressed: Buffer, limits: TarSplitLimits = {}): Buffer {
  const maxTotal = limits.maxTotal ?? 2 ** 31;
  try {
    return gunzipSync(compressed, { maxOutputLength: maxTotal, chunkSize: expectedSize(compressed) });
  } catch (cause) {
    if (isTooLarge(cause)) {
      throw new LayerlabError('LL_LIMIT', `tar-split.json.gz decompresses to more than ${maxTotal} bytes`, { cause });
    }
    throw new LayerlabError('LL_CORRUPT', 'tar-split.json.gz cannot be decompressed', { cause });
  }
}

/**
 * Reads the decompressed lines of tar-split (vbatts/tar-split tar/storage), one entry at a time. Throws LL_CORRUPT for
 * malformed lines and for two files of the same name, LL_LIMIT beyond a limit.
 */
export function* parseTarSplit(text: Buffer, limits: TarSplitLimits = {}): Generator<TarSplitEntry> {
  const { maxEntries = 10_000_000, maxLine = MAX_LINE } = limits;
  const names = new Set<string>();
  let count = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf(0x0a, start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > maxLine) throw new LayerlabError('LL_LIMIT', 'a line of tar-split.json.gz is too long');
    if (++count > maxEntries)
      throw new LayerlabError('LL_LIMIT', `tar-split.json.gz has more than ${maxEntries} lines`);
    const entry = readLine(text, start, end, count);
    if (entry.kind === 'file') {
      const name = cleanName(entry.name);
      if (names.has(name)) throw corrupt(count);
      names.add(name);
    }
    yield entry;
    start = end + 1;
  }
}

/** How a gzip member begins that deflates. */
const MEMBER = Buffer.from([0x1f, 0x8b, 8]);
/** Header and trailer of a member, and the most that deflate makes of a byte. */
const MEMBER_LEAST = 18;
const MOST_OF_A_BYTE = 1032;

/**
 * Room for the whole text at once: what gives pieces joins them by copying. The last four bytes of each gzip member tell its
 * size. A guess, as what looks like the beginning of one may be something else; no more than a gzip of this length can hold.
 */
function expectedSize(compressed: Buffer): number {
  let told = 0;
  for (let start = 0; start >= 0 && start + MEMBER_LEAST <= compressed.length; ) {
    const next = compressed.indexOf(MEMBER, start + MEMBER_LEAST);
    const end = next < 0 ? compressed.length : next;
    const size = compressed.readUInt32LE(end - 4);
    if (size <= (end - start) * MOST_OF_A_BYTE) told += size;
    start = next;
  }
  return Math.max(LEAST_CHUNK, Math.min(told + 1, compressed.length * MOST_OF_A_BYTE, LARGEST_CHUNK));
}

function isTooLarge(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
}

/** One line of tar-split by itself, as `parseTarSplit` reads it. */
export function parseTarSplitLine(text: Buffer, start: number, end: number): TarSplitEntry {
  if (end - start > MAX_LINE) throw new LayerlabError('LL_LIMIT', 'a line of tar-split.json.gz is too long');
  return readLine(text, start, end, 1);
}

function readLine(text: Buffer, start: number, end: number, count: number): TarSplitEntry {
  return (
    parseSegment(text, start, end) ?? parseFile(text, start, end) ?? parseLine(text.toString('utf8', start, end), count)
  );
}

/** How every tar-split begins and ends the lines that hold raw bytes: nine bytes of ten, which need no JSON to be read. */
const SEGMENT_START = Buffer.from('{"type":2,"payload":"');
const SEGMENT_END = /^","position":(?:0|[1-9]\d{0,14})\}$/;
const LONGEST_END = 32;
const QUOTE = 0x22;

/** Undefined for any other line, and for what is not plain base64: then the line has to be looked at closely. */
function parseSegment(text: Buffer, start: number, end: number): TarSplitEntry | undefined {
  const from = start + SEGMENT_START.length;
  if (end <= from || text.compare(SEGMENT_START, 0, SEGMENT_START.length, start, from) !== 0) return undefined;
  const quote = text.indexOf(QUOTE, Math.max(from, end - LONGEST_END));
  if (quote < 0 || quote >= end || !SEGMENT_END.test(text.toString('latin1', quote, end))) return undefined;
  const base64 = text.toString('latin1', from, quote);
  const bytes = Buffer.from(base64, 'base64');
  const plain = base64.length % 4 === 0 && bytes.length === decodedLength(base64);
  return plain && (base64.length > 64 || BASE64.test(base64)) ? { kind: 'segment', bytes } : undefined;
}

/** A file's line as every writer writes it, with a name that is plain ASCII and nothing escaped in it. */
const FILE =
  /^\{"type":1,"name":"([ !#-[\]-~]*)"(?:,"size":(0|[1-9]\d{0,14}))?,"payload":(?:null|"([A-Za-z0-9+/]{11}=)"),"position":(?:0|[1-9]\d{0,14})\}$/;
const LONGEST_FILE = 4096;

/** Undefined for any other line. */
function parseFile(text: Buffer, start: number, end: number): TarSplitEntry | undefined {
  if (end - start > LONGEST_FILE) return undefined;
  const found = FILE.exec(text.toString('latin1', start, end));
  if (found === null) return undefined;
  const [, name = '', told, base64] = found;
  const size = told === undefined ? 0 : Number(told);
  if (size > 0 && base64 === undefined) return undefined;
  return { kind: 'file', name, size, crc: base64 === undefined ? undefined : Buffer.from(base64, 'base64') };
}

function parseLine(line: string, count: number): TarSplitEntry {
  const fields = parseFields(line, count);
  const payload = decode(fields.payload ?? null, count);
  if (fields.type === 2) return { kind: 'segment', bytes: payload ?? Buffer.alloc(0) };
  const { name = '', name_raw: raw = null, size = 0 } = fields;
  const rawName = decode(raw, count);
  if (fields.type !== 1 || typeof name !== 'string' || typeof size !== 'number') throw corrupt(count);
  if (!Number.isSafeInteger(size) || size < 0) throw corrupt(count);
  if (payload !== undefined && payload.length !== 8) throw corrupt(count);
  if (size > 0 && payload === undefined) throw corrupt(count);
  const bytes = rawName !== undefined && rawName.length > 0 ? rawName.toString('latin1') : toByteString(name);
  return { kind: 'file', name: bytes, size, crc: payload };
}

interface Fields {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly name_raw?: unknown;
  readonly size?: unknown;
  readonly payload?: unknown;
}

function parseFields(line: string, count: number): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw corrupt(count, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(count);
  return value;
}

function decode(value: unknown, count: number): Buffer | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string') throw corrupt(count);
  const bytes = Buffer.from(value, 'base64');
  // Node skips what is no base64: the length tells, and for short values the grammar.
  if (value.length % 4 !== 0 || bytes.length !== decodedLength(value)) throw corrupt(count);
  if (value.length <= 64 && !BASE64.test(value)) throw corrupt(count);
  return bytes;
}

function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

function corrupt(count: number, cause?: unknown): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `line ${count} of tar-split.json.gz is malformed`, { cause });
}
