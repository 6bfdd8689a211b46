import { createHash } from 'node:crypto';

/** One entry of a tar as it stands in the bytes; read with no code of `src/`, so that a bug there can't hide itself. */
export interface RawTarEntry {
  /** The name after PAX, bytes as latin1. */
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkname: string;
  readonly devmajor: number;
  readonly devminor: number;
  /** PAX records as `key=value`, in the order of the bytes. */
  readonly pax: readonly string[];
  /** Every header block of the entry, the PAX blocks in front. */
  readonly header: Buffer;
  /** Where the last header block (the entry's own) starts within `header`. */
  readonly ownHeader: number;
  readonly content: Buffer;
  readonly contentSha256: string;
}

export interface RawTar {
  readonly entries: readonly RawTarEntry[];
  /** Bytes behind the last entry's padding. */
  readonly trailer: Buffer;
}

const BLOCK = 512;

/** Reads USTAR and PAX headers, the two kinds that Docker writes into layers; throws on any other magic. */
export function parseRawTar(tar: Buffer): RawTar {
  const entries: RawTarEntry[] = [];
  let at = 0;
  let start = 0;
  let records: [string, string][] = [];
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const block = tar.subarray(at, at + BLOCK);
    checkBlock(block, at);
    const type = String.fromCharCode(block[156] ?? 0);
    const pax = new Map(records);
    const size = Number(pax.get('size') ?? octal(block, 124, 12));
    const data = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (data.length !== size) throw new Error(`the tar ends within the entry at ${at}`);
    const next = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') {
      records = paxRecords(data);
    } else {
      entries.push({
        name: pax.get('path') ?? ustarName(block),
        type,
        mode: octal(block, 100, 8),
        uid: Number(pax.get('uid') ?? octal(block, 108, 8)),
        gid: Number(pax.get('gid') ?? octal(block, 116, 8)),
        size,
        mtime: Number(pax.get('mtime') ?? octal(block, 136, 12)),
        linkname: pax.get('linkpath') ?? text(block, 157, 100),
        devmajor: octal(block, 329, 8),
        devminor: octal(block, 337, 8),
        pax: records.map(([key, value]) => `${key}=${value}`),
        header: tar.subarray(start, at + BLOCK),
        ownHeader: at - start,
        content: data,
        contentSha256: createHash('sha256').update(data).digest('hex'),
      });
      records = [];
      start = next;
    }
    at = next;
  }
  return { entries, trailer: tar.subarray(at) };
}

function checkBlock(block: Buffer, at: number): void {
  if (block.toString('latin1', 257, 265) !== 'ustar\x0000') throw new Error(`no USTAR header at ${at}`);
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  if (sum !== octal(block, 148, 8)) throw new Error(`wrong header checksum at ${at}`);
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('latin1', at, end < 0 || end > at + length ? at + length : end);
}

function octal(block: Buffer, at: number, length: number): number {
  const digits = text(block, at, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error(`not an octal number: ${JSON.stringify(digits)}`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function ustarName(block: Buffer): string {
  const prefix = text(block, 345, 155);
  const name = text(block, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function paxRecords(data: Buffer): [string, string][] {
  const records: [string, string][] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(data.toString('latin1', at, space));
    const record = data.toString('latin1', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.push([record.slice(0, equals), record.slice(equals + 1)]);
    at += length;
  }
  return records;
}
