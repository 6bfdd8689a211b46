import { describe, expect, it } from '@jest/globals';
import { encodeTarHeader, NO_XATTRS, TAR_END, type TarEntry, tarPadding } from '../../src/formats/tar-header.ts';
import { TarReader } from '../../src/formats/tar-reader.ts';
import { fixture } from './fixture.ts';
import { readTar, sha256 } from './tar-helpers.ts';

interface GoEntry {
  readonly name: string;
  readonly type: string;
  readonly sha256: string;
  readonly linkname: string;
  readonly uname: string;
  readonly gname: string;
  readonly xattrs: Readonly<Record<string, string>>;
}

// What Go's archive/tar says of the archives (made by GNU tar in all its formats, some then damaged); texts in base 64.
const dialects: Readonly<Record<string, { error: string; entries: GoEntry[] }>> = JSON.parse(
  fixture('dialects.json').toString(),
);

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

const plain: TarEntry = {
  name: 'a',
  type: '0',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkname: '',
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: NO_XATTRS,
};

/** A header block with fields overwritten and the checksum made right again. */
function patched(changes: readonly (readonly [offset: number, text: string])[]): Buffer {
  const block = encodeTarHeader(plain);
  for (const [offset, text] of changes) block.write(text, offset, 'latin1');
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

describe('TarReader', () => {
  for (const [name, { error, entries }] of Object.entries(dialects)) {
    for (const step of [1 << 20, 512, 100, 7]) {
      it(`sees in ${name}.tar what Go sees, in chunks of ${step}`, () => {
        const tar = fixture(`dialect-${name}.tar.gz`);
        if (error !== '') {
          expect(() => readTar(tar, step)).toThrow(expect.objectContaining({ code: 'LL_TAR' }));
          return;
        }
        const { files, bytes } = readTar(tar, step);
        expect(bytes.equals(tar)).toBe(true);
        const seen = files.map(({ entry, globalName, content }) => {
          if (entry === undefined) return { name: base64(globalName ?? ''), type: 'g' };
          return {
            ...entry,
            name: base64(entry.name),
            linkname: base64(entry.linkname),
            uname: base64(entry.uname),
            gname: base64(entry.gname),
            xattrs: Object.fromEntries([...entry.xattrs].map(([key, value]) => [key, value.toString('base64')])),
            sha256: sha256(content).slice(0, 16),
          };
        });
        expect(seen).toEqual(entries.map((entry) => (entry.type === 'g' ? { name: entry.name, type: 'g' } : entry)));
      });
    }
  }

  it('hands content out without copying it', () => {
    const content = Buffer.from('content');
    const tar = Buffer.concat([encodeTarHeader({ ...plain, size: 7 }), content, tarPadding(7), TAR_END]);
    let seen: Buffer | undefined;
    const none = (): void => {};
    const reader = new TarReader({
      header: none,
      globalHeader: none,
      data: (chunk) => {
        seen = chunk;
      },
      end: none,
      padding: none,
      trailing: none,
    });
    reader.push(tar);
    tar.write('CONTENT', 512);
    expect(seen?.toString()).toBe('CONTENT');
  });

  it('reads numbers in base 256', () => {
    const block = patched([
      [136, '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfb'],
      [108, '\x80\0\0\0\0\x2d\xc6\xc0'],
    ]);
    const [file] = readTar(Buffer.concat([block, TAR_END])).files;
    expect(file?.entry).toMatchObject({ mtime: -5, uid: 3_000_000 });
  });

  it('accepts a checksum over signed bytes', () => {
    const block = patched([[0, '\xe9']]);
    const sum = Number.parseInt(block.toString('latin1', 148, 154), 8) - 256;
    block.write(sum.toString(8).padStart(6, '0'), 148, 'latin1');
    expect(readTar(Buffer.concat([block, TAR_END])).files[0]?.entry?.name).toBe('\xe9');
  });

  it('takes the oldest regular files for what they are', () => {
    const file = patched([[156, '\0']]);
    const folder = patched([
      [0, 'd/'],
      [156, '\0'],
    ]);
    expect(readTar(Buffer.concat([file, folder, TAR_END])).files.map(({ entry }) => entry?.type)).toEqual(['0', '5']);
  });

  for (const type of ['S', '7', 'V', 'D', '\x01']) {
    it(`refuses the type ${JSON.stringify(type)}`, () => {
      expect(() => readTar(patched([[156, type]]))).toThrow(expect.objectContaining({ code: 'LL_TAR_UNSUPPORTED' }));
    });
  }

  it('refuses sparse files of PAX', () => {
    const records = '22 GNU.sparse.major=1\n';
    const header = patched([
      [156, 'x'],
      [124, `0000000002${(records.length - 16).toString(8)}`],
    ]);
    const tar = Buffer.concat([
      header,
      Buffer.from(records),
      tarPadding(records.length),
      encodeTarHeader(plain),
      TAR_END,
    ]);
    expect(() => readTar(tar)).toThrow(expect.objectContaining({ code: 'LL_TAR_UNSUPPORTED' }));
  });

  for (const [what, records] of Object.entries({
    'without a length': 'path=x\n',
    'with a length beyond the end': '99 path=x\n',
    'with a length of 0': '0 path=x\n',
    'with a negative length': '-9 path=x\n',
    'without a newline': '9 path=xy',
    'without a key': '5 =x\n',
    'with a zero byte in the path': '11 path=a\0b\n',
    'with a bad number': '10 uid=0x\n',
    'with a number beyond 64 bits': '28 uid=99999999999999999999\n',
  })) {
    it(`refuses PAX records ${what}`, () => {
      const data = Buffer.from(records, 'latin1');
      const header = patched([
        [156, 'x'],
        [124, data.length.toString(8).padStart(11, '0')],
      ]);
      const tar = Buffer.concat([header, data, tarPadding(data.length), encodeTarHeader(plain), TAR_END]);
      expect(() => readTar(tar)).toThrow(expect.objectContaining({ code: 'LL_TAR' }));
    });
  }

  it('keeps to its limits', () => {
    const none = (): void => {};
    const handler = { header: none, globalHeader: none, data: none, end: none, padding: none, trailing: none };
    const limit = expect.objectContaining({ code: 'LL_LIMIT' });
    const two = Buffer.concat([encodeTarHeader(plain), encodeTarHeader({ ...plain, name: 'b' })]);
    expect(() => new TarReader(handler, { maxEntries: 1 }).push(two)).toThrow(limit);
    expect(() => new TarReader(handler, { maxEntries: 2 }).push(two)).not.toThrow();
    const long = encodeTarHeader({ ...plain, name: `${'x/'.repeat(100)}y` });
    expect(() => new TarReader(handler, { maxNameLength: 200 }).push(long)).toThrow(limit);
    const pax = encodeTarHeader({ ...plain, name: 'y'.repeat(150) });
    expect(() => new TarReader(handler, { maxSpecialSize: 100 }).push(pax)).toThrow(limit);
    expect(() => new TarReader(handler, { maxTotal: 511 }).push(encodeTarHeader(plain))).toThrow(limit);
    const header = patched([
      [156, 'L'],
      [124, '77777777777'],
    ]);
    expect(() => new TarReader(handler).push(header)).toThrow(limit);
    const link = patched([[156, 'K']]);
    expect(() => new TarReader(handler).push(Buffer.concat(Array.from({ length: 65 }, () => link)))).toThrow(limit);
  });
});
