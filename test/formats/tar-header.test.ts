import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../src/formats/digest.ts';
import {
  encodeTarHeader,
  NO_XATTRS,
  putPlainHeader,
  TAR_END,
  type TarEntry,
  tarPadding,
} from '../../src/formats/tar-header.ts';
import { fixture } from './fixture.ts';
import { readTar } from './tar-helpers.ts';

const base: TarEntry = {
  name: '',
  type: '0',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 1445412480,
  linkname: '',
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: NO_XATTRS,
};

/** A tar of files given by name, content and mode; a name that ends with a slash is a folder. */
function tarOf(
  files: readonly (readonly [name: string, content?: string, mode?: number])[],
  header: (entry: TarEntry) => Buffer = encodeTarHeader,
): Buffer {
  const parts = files.flatMap(([name, content = '', mode]) => {
    const folder = name.endsWith('/');
    const entry: TarEntry = {
      ...base,
      name,
      type: folder ? '5' : '0',
      mode: mode ?? (folder ? 0o755 : 0o644),
      size: content.length,
    };
    return [header(entry), Buffer.from(content), tarPadding(content.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

describe('putPlainHeader', () => {
  const used = (): Buffer => Buffer.alloc(512, 0x7f);

  // One of the goldens below, with the headers of its files made where they are to stand.
  it('makes the header of a regular file in memory that was in use', () => {
    const header = (entry: TarEntry): Buffer => {
      const block = used();
      return entry.type === '0' && putPlainHeader(block, entry) ? block : encodeTarHeader(entry);
    };
    const files = [['base/'], ['base/base.txt', 'compatibility base\n'], ['proc/'], ['sys/']] as const;
    expect(digestOf(tarOf(files, header))).toMatch(/^sha256:007165e9/);
  });

  it('leaves what needs more than that, or has no header at all', () => {
    const plain = { ...base, name: 'a'.repeat(100), uid: 0o7777777, size: 8 ** 11 - 1, mtime: 0 };
    expect(putPlainHeader(used(), plain)).toBe(true);
    const not: readonly Partial<TarEntry>[] = [
      ...[{ name: 'a'.repeat(101) }, { name: 'd/' }, { name: '\xe9' }, { name: 'a\0b' }, { mode: 8 ** 7 }],
      ...[{ uid: 8 ** 7 }, { gid: 8 ** 7 }, { size: 8 ** 11 }, { mtime: -1 }, { mtime: 8 ** 11 }],
    ];
    for (const more of not) expect(putPlainHeader(used(), { ...plain, ...more })).toBe(false);
  });
});

describe('encodeTarHeader', () => {
  // BuildKit's own compatibility goldens: client/testdata/compatibility/common/default-gzip.
  it.each([
    ['007165e9', [['base/'], ['base/base.txt', 'compatibility base\n'], ['proc/'], ['sys/']]],
    [
      '672c0da8',
      [
        ['generated/'],
        ['generated/deeper/'],
        ['generated/deeper/nested.txt', 'nested-exec\n'],
        ['generated/exec.txt', 'exec-fixture\n'],
      ],
    ],
    [
      '92280859',
      [
        ['inputs/'],
        ['inputs/git/'],
        ['inputs/git/git.txt', 'git fixture\n'],
        ['inputs/git/nested.txt', 'nested fixture\n'],
        ['inputs/http.txt', 'http fixture\n', 0o600],
        ['inputs/llb.txt', 'llb fixture\n'],
      ],
    ],
    [
      '78260322',
      [
        ['inputs/'],
        ['inputs/git/'],
        ['inputs/git/git.txt', 'git fixture\n', 0o666],
        ['inputs/git/nested.txt', 'nested fixture\n', 0o666],
        ['inputs/http.txt', 'http fixture\n', 0o600],
        ['inputs/llb.txt', 'llb fixture\n'],
      ],
    ],
  ] as const)('gives the layer %s of BuildKit', (start, files) => {
    expect(digestOf(tarOf(files)).slice(7, 15)).toBe(start);
  });

  it('gives the layer that is empty', () => {
    expect(digestOf(tarOf([]))).toBe('sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef');
  });

  it('writes every odd file of a layer as Docker 28 does', () => {
    const { files } = readTar(fixture('special-files-28.tar.gz'));
    expect(files).toHaveLength(58);
    for (const { entry, raw } of files) {
      if (entry !== undefined) expect([entry.name, encodeTarHeader(entry).equals(raw)]).toEqual([entry.name, true]);
    }
  });

  it('writes them as Docker 20.10 does, which puts the kind of the file into the mode', () => {
    const { files } = readTar(fixture('special-files-20.10.tar.gz'));
    expect(files).toHaveLength(58);
    for (const { entry, raw } of files) {
      if (entry === undefined) continue;
      expect([entry.name, encodeTarHeader(entry).equals(raw)]).toEqual([entry.name, true]);
    }
  });

  it('has the entries of that layer right', () => {
    const entries = readTar(fixture('special-files-28.tar.gz')).files.map(({ entry }) => entry);
    const find = (name: string): TarEntry | undefined => entries.find((entry) => entry?.name === name);
    expect(find('biguid')).toMatchObject({ uid: 3000000, gid: 2097152, mode: 0o644 });
    expect(find('negative')?.mtime).toBe(-5);
    expect(find('over33')?.mtime).toBe(2 ** 33);
    expect(find('setuid')?.mode).toBe(0o4755);
    expect(find('sticky/')).toMatchObject({ type: '5', mode: 0o1777 });
    expect(find('blk')).toMatchObject({ type: '4', devmajor: 259, devminor: 1048575 });
    expect(find('chr')).toMatchObject({ type: '3', devmajor: 5, devminor: 1 });
    expect(find('fifo')?.type).toBe('6');
    expect(find('zhard')).toMatchObject({ type: '1', linkname: 'plain', size: 0 });
    expect(find('link101')?.linkname).toBe('t'.repeat(101));
    expect(find('bad\xff\xfe.txt')?.size).toBe(2);
    expect(find('capable')?.xattrs.get('security.capability')?.toString('hex')).toBe(
      '0100000200040000000000000000000000000000',
    );
    expect(find('userx')?.xattrs.size).toBe(0);
    expect(find('opaque/.wh..wh..opq')).toMatchObject({ mode: 0o755, mtime: 0, size: 0 });
    expect(find('.wh.whited')).toMatchObject({ type: '0', mode: 0o600, mtime: 1445412480 });
  });

  it('refuses what no header can hold', () => {
    const bad = expect.objectContaining({ code: 'LL_TAR' });
    expect(() => encodeTarHeader({ ...base, name: 'a/' })).toThrow(bad);
    expect(() => encodeTarHeader({ ...base, name: 'a\0b' })).toThrow(bad);
    expect(() => encodeTarHeader({ ...base, name: 'a', type: '2', linkname: '\0' })).toThrow(bad);
    expect(() => encodeTarHeader({ ...base, name: 'a', devminor: 2 ** 21 })).toThrow(bad);
    expect(() => encodeTarHeader({ ...base, name: 'a', xattrs: new Map([['a=b', Buffer.alloc(1)]]) })).toThrow(bad);
    const huge = new Map([['user.x', Buffer.alloc(1 << 20)]]);
    expect(() => encodeTarHeader({ ...base, name: 'a', xattrs: huge })).toThrow(
      expect.objectContaining({ code: 'LL_LIMIT' }),
    );
  });

  it('is read back as it was', () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((value) => Buffer.from(value).toString('latin1').replace(/[\0/]/g, '_'));
    const id = fc.integer({ min: 0, max: 2 ** 32 - 2 });
    const entry: fc.Arbitrary<TarEntry> = fc.record({
      name: fc.array(bytes, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      type: fc.constantFrom('0', '2', '3'),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: id,
      gid: id,
      size: fc.constant(0),
      mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      linkname: fc.oneof(fc.constant(''), bytes),
      uname: fc.constantFrom('', 'root'),
      gname: fc.constant(''),
      devmajor: fc.integer({ min: 0, max: 4095 }),
      devminor: fc.integer({ min: 0, max: 1048575 }),
      xattrs: fc
        .dictionary(fc.constantFrom('security.capability', 'user.b'), fc.uint8Array({ maxLength: 30 }))
        .map((pairs) => new Map(Object.entries(pairs).map(([key, value]) => [key, Buffer.from(value)]))),
    });
    fc.assert(
      fc.property(entry, fc.integer({ min: 1, max: 1500 }), (written, step) => {
        const { files } = readTar(Buffer.concat([encodeTarHeader(written), TAR_END]), step);
        expect(files.map((file) => file.entry)).toEqual([written]);
      }),
    );
  });
});
