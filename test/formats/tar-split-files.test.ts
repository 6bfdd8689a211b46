import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Crc64, loadCrc64 } from '../../src/formats/crc64.ts';
import { NO_XATTRS, type TarEntry, type TarType } from '../../src/formats/tar-entry.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../../src/formats/tar-header.ts';
import { tarSplitFiles } from '../../src/formats/tar-split-files.ts';
import { SplitLines } from '../../src/formats/tar-split-lines-reader.ts';
import { parseTarSplit, type TarSplitEntry, tarSplitHeaders } from '../../src/formats/tar-split-reader.ts';
import { fixture } from './fixture.ts';
import { splitTar } from './tar-helpers.ts';

let crc: Crc64;
beforeAll(async () => {
  crc = (await loadCrc64())();
});

/** Files, or what reading them fails with, behind those that were read by then. */
function outcome(files: () => Iterable<unknown>): unknown {
  const found: unknown[] = [];
  try {
    for (const file of files()) found.push(file);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { found, code, message };
  }
  return { found };
}

/** By the readers of any tar-split and of any tar. */
function* atLength(text: Buffer): Generator<unknown> {
  let last: TarSplitEntry | undefined;
  function* watched(): Generator<TarSplitEntry> {
    for (const line of parseTarSplit(text)) {
      last = line;
      yield line;
    }
  }
  for (const header of tarSplitHeaders(watched())) {
    yield { header, crc: last?.kind === 'file' ? (last.crc?.toString('hex') ?? '') : '' };
  }
}

const entry = (name: string, type: TarType, size: number, more: Partial<TarEntry> = {}): TarEntry => ({
  ...{ name, type, size, mode: 0o644, uid: 0, gid: 1000, mtime: 1_600_000_000, linkname: '', uname: '', gname: '' },
  ...{ devmajor: 0, devminor: 0, xattrs: NO_XATTRS, ...more },
});

/** The lines for a tar of these, sizes that need every length of base64 among them. */
function linesOf(entries: readonly TarEntry[]): Buffer {
  const tar = entries.flatMap((one) => {
    const size = one.type === '0' ? one.size : 0;
    return [encodeTarHeader(one), Buffer.alloc(size, one.name), tarPadding(size)];
  });
  return gunzipSync(splitTar(Buffer.concat([...tar, TAR_END]), crc, {}, 1 << 20));
}

const PLAIN = [
  entry('d/', '5', 0, { mode: 0o755 }),
  ...[0, 1, 2, 3, 511, 512, 513, 1024, 100_000].map((size) => entry(`d/file-${size}`, '0', size)),
  entry('d/link', '2', 0, { linkname: '../over/there' }),
  entry('d/other', '1', 0, { linkname: 'd/file-1' }),
  entry('dev', '3', 0, { devmajor: 5, devminor: 1, uname: 'root', gname: 'tty' }),
  entry(`${'deep/'.repeat(25)}file`, '0', 7),
  entry('.wh.gone', '0', 0),
];
const PAX = [
  entry('first', '0', 5),
  entry('caf\xc3\xa9', '0', 9),
  entry('x'.repeat(300), '0', 700),
  entry('capable', '0', 3, { xattrs: new Map([['security.capability', Buffer.from([1, 0, 0, 2])]]) }),
  entry('a<b>&"c"', '0', 2),
  entry('back\\slash', '0', 2),
  entry('last', '0', 1),
];

describe('tarSplitFiles', () => {
  it.each(['t1', 't2', 't3', 't4', 't5', 't6'])('reads what Docker wrote of %s as the other readers do', (name) => {
    for (const compat of ['28', '20.10']) {
      const text = fixture(`tail-${name}.split-${compat}.gz`);
      expect(outcome(() => tarSplitFiles(text))).toEqual(outcome(() => atLength(text)));
    }
  });

  it('reads headers of one block and of several', () => {
    for (const entries of [PLAIN, PAX, [...PLAIN, ...PAX], []]) {
      const text = linesOf(entries);
      const read = outcome(() => tarSplitFiles(text));
      expect(read).toEqual(outcome(() => atLength(text)));
      expect(read).toEqual({ found: entries.map((header) => expect.objectContaining({ header })) });
    }
  });

  it('fails as the other readers do, behind the same files, wherever a byte is another or the end is missing', () => {
    const text = linesOf([...PLAIN.slice(0, 5), ...PAX.slice(0, 2), ...PLAIN.slice(10)]);
    let failed = 0;
    for (let at = 0; at < text.length; at += 5 + (at % 17)) {
      const changed = Buffer.from(text);
      changed[at] = '"=A0-}\n\\{,'.charCodeAt(at % 10);
      for (const damaged of [changed, text.subarray(0, at)]) {
        const read = outcome(() => tarSplitFiles(damaged));
        expect(read).toEqual(outcome(() => atLength(damaged)));
        if (typeof read === 'object' && read !== null && 'code' in read) failed += 1;
      }
    }
    expect(failed).toBeGreaterThan(200);
  });

  it('refuses a file twice', () => {
    const once = linesOf([entry('a', '0', 0), entry('b', '0', 0)]).toString();
    const twice = Buffer.from(once.split('\n').slice(0, 2).join('\n').concat('\n').repeat(2));
    expect(() => [...tarSplitFiles(twice)]).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
  });
});

describe('SplitLines', () => {
  it('reads the lines of plain files itself', () => {
    const lines = new SplitLines(linesOf([entry('a', '0', 5), entry('b', '0', 513)]));
    expect(lines.segment(0)).toBe(512);
    expect(lines.block(0).toString('latin1', 257, 262)).toBe('ustar');
    expect(lines.file()).toBe(true);
    expect([lines.name, lines.size, lines.crc]).toEqual(['a', 5, expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(lines.segment(507)).toBe(507 + 512);
    expect(lines.isZero(0, 507)).toBe(true);
    expect(lines.block(507).toString('latin1', 0, 2)).toBe('b\0');
    expect(lines.file()).toBe(true);
    expect([lines.name, lines.size]).toEqual(['b', 513]);
    expect(lines.isOver).toBe(false);
    expect(lines.segment(511)).toBe(511 + 1024);
    expect(lines.isOver).toBe(true);
  });
});
