import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openCrc64 } from '../../src/formats/crc64.ts';
import { BLOCK, paddingOf } from '../../src/formats/tar-block.ts';
import { openTarFiles, type TarFiles, tarFiles } from '../../src/formats/tar-files.ts';
import { tarFilesModule } from '../../src/formats/tar-files-module.ts';
import { encodeTarHeader, NO_XATTRS } from '../../src/formats/tar-header.ts';
import { fileLine, segmentLine } from '../../src/formats/tar-split-lines.ts';

/** tar-split of Docker 28.5 for `COPY --chown=1000:1001 src /src`, two files of 2015-10-21T07:28:00Z: its lines. */
const DOCKERS = gunzipSync(
  Buffer.from(
    `H4sIAAAAAAACA+2XW2uDMBiG7/szct0xTxussIsMs9WtCTjsWntnbecMrnY9YGLpf99XKVYZhd2Uui4PBEJiYpDvfdQNWsn5FHWM
NpoHMkmDCeqg0HzmvQyfFxtn1MYm8/qY7vpeqFNcjAmW98V+vmzYJjrNccZsojFOdJgXMG4wF0fQGsCDHpqvH2EE5z3NDSrPouxf
OvcICjddxqs4naGOtm1t9gWtt9Es+IQOWi7Ca1Qp79k6SaqL9MOinykwSBNSYDDb/UUKiIQUSKh+wTg1KS8qAVLgSFgTUaxS8C9S
YBxLQQCXLeN8N65VK32dDh5l92XwFWj1ncwj0cAKRVPpMunLu7g3GM3HT/1znaJQD+PuXkMEPmTwQeFuqWxQNdmpUFDuC+r5Ocud
rFC8B3OgLqch+poMmeYPHXwqnZavsarCL5yabK1j2h5fvcfJtHS3pQFVG7Osl7+JxcjiVl3fN0rfCoVCoVD8/T+7223rG7EJZvex
EwAA`,
    'base64',
  ),
)
  .toString('latin1')
  .split(/(?<=\n)/);

interface Case {
  readonly name: string;
  readonly content: Uint8Array;
  readonly padding: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly position: number;
}

interface Made {
  /** From the padding in front to the end of the zero bytes behind. */
  readonly tar: Buffer;
  readonly lines: string;
}

// Places as a batch has them: the sums, the lines, the files, the names.
const [CRC, LINES, FILES, NAME] = [8, 1024, 8192, 160 * 1024];

function made(files: TarFiles, { name, content, padding, mode, uid, gid, mtime, position }: Case): Made | undefined {
  const room = files.room(NAME + name.length + 1);
  room.fill(0xa5);
  room.write(name, NAME, 'latin1');
  const at = FILES + padding;
  const size = content.length;
  room.set(content, at + BLOCK);
  files.sum(at + BLOCK, at + BLOCK + size, CRC);
  const end = files.put(at, NAME, name.length, padding, mode, uid, gid, size, position, CRC, LINES, mtime);
  if (end === 0) return undefined;
  const behind = at + BLOCK + size + paddingOf(size);
  expect([room[FILES - 1], room[behind], room[LINES - 1], room[end]]).toEqual([0xa5, 0xa5, 0xa5, 0xa5]);
  return { tar: Buffer.from(room.subarray(FILES, behind)), lines: room.toString('latin1', LINES, end) };
}

/** The same by the ways for any entry. */
function expected({ name, content, padding, mode, uid, gid, mtime, position }: Case): Made {
  const size = content.length;
  const header = encodeTarHeader({
    ...{ name, mode, uid, gid, size, mtime, type: '0', linkname: '', uname: '', gname: '' },
    ...{ devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
  });
  const crc = openCrc64();
  crc.init();
  crc.update(content);
  const segment = Buffer.concat([Buffer.alloc(padding), header]);
  return {
    tar: Buffer.concat([segment, content, Buffer.alloc(paddingOf(size))]),
    lines: segmentLine(segment, position) + fileLine(name, size, crc.digest(), position + 1, false),
  };
}

const plain: Case = {
  ...{ name: 'etc/hostname', content: Buffer.from('text\n'), padding: 0, mode: 0o644, uid: 0, gid: 0 },
  ...{ mtime: 1445412480, position: 0 },
};

describe.each([
  ['with vectors', true],
  ['without', false],
])('what surrounds a plain file, %s', (_, vectors) => {
  const files = tarFiles(tarFilesModule(vectors, 3)) as TarFiles;

  it.each([
    ['src/a', Buffer.from('ten bytes\n'), 0, 0o644, 2],
    ['src/b-file', Buffer.alloc(40000, '1'), BLOCK - 10, 0o640, 4],
  ])('is what Docker made of %s', (name, content, padding, mode, position) => {
    const file = { name, content, padding, mode, uid: 1000, gid: 1001, mtime: 1445412480, position };
    const result = made(files, file);
    expect(result?.lines).toBe(DOCKERS.slice(position, position + 2).join(''));
    expect(result?.tar.length).toBe(padding + BLOCK + content.length + paddingOf(content.length));
  });

  it('is that of any file', () => {
    const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    const name = fc.array(character, { minLength: 1, maxLength: 100 }).map((characters) =>
      characters
        .join('')
        .replace(/["&<>\\]/g, 'x')
        .replace(/\/$/, 'x'),
    );
    fc.assert(
      fc.property(
        fc.record({
          name,
          content: fc.uint8Array({ minLength: 1, maxLength: 1500 }),
          padding: fc.nat(511),
          mode: fc.nat(0o7777777),
          uid: fc.nat(0o7777777),
          gid: fc.nat(0o7777777),
          mtime: fc.oneof(fc.nat(), fc.double({ min: 0, max: 8 ** 11 - 1, noNaN: true }).map(Math.floor)),
          position: fc.nat(2 ** 31 - 2),
        }),
        (file) => {
          expect(made(files, file)).toEqual(expected(file));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['the longest name', { name: 'n'.repeat(100) }],
    ['all bits of the numbers', { mode: 0o7777777, uid: 0o7777777, gid: 0o7777777, mtime: 8 ** 11 - 1 }],
    ['a content that ends with its block', { content: Buffer.alloc(BLOCK, 7) }],
    ['the largest content', { content: Buffer.alloc(64 * 1024, 'x'), padding: 511 }],
    ['numbers of each length', { position: 999_999_998, content: Buffer.alloc(1000, 'x') }],
  ])('is right for %s', (_, more) => {
    const file = { ...plain, ...more };
    expect(made(files, file)).toEqual(expected(file));
  });

  it.each([
    ['no name', { name: '' }],
    ['a name that is too long for the field', { name: 'n'.repeat(101) }],
    ['a folder by its name', { name: 'a/' }],
    ['a name with a quotation mark', { name: 'a"b' }],
    ['a name with a backslash', { name: 'a\\b' }],
    ['a name with an ampersand', { name: 'a&b' }],
    ['a name with <', { name: 'a<b' }],
    ['a name with >', { name: 'a>b' }],
    ['a name with a control character', { name: 'a\nb' }],
    ['a name with DEL', { name: 'a\x7fb' }],
    ['a name that is not of ASCII', { name: 'caf\xc3\xa9' }],
    ['a large owner', { uid: 0o10000000 }],
    ['the largest owner', { uid: 2 ** 32 - 2 }],
    ['a large group', { gid: 0o10000000 }],
    ['a time before the epoch', { mtime: -1 }],
    ['a time far away', { mtime: 8 ** 11 }],
    ['no time', { mtime: Number.NaN }],
  ])('is left to others for %s', (_, more) => {
    expect(made(files, { ...plain, ...more })).toBeUndefined();
  });

  it('is made in a memory that has grown, too', () => {
    const small = tarFiles(tarFilesModule(vectors, 1)) as TarFiles;
    small.room(10).write('kept', 0, 'latin1');
    expect(made(small, { ...plain, name: 'a/b' })).toEqual(expected({ ...plain, name: 'a/b' }));
    const larger = small.room(1 << 20);
    expect(larger.length).toBeGreaterThanOrEqual(1 << 20);
    expect(small.room(100)).toBe(larger);
  });
});

describe('openTarFiles', () => {
  it('has the room that was asked for', () => {
    expect(openTarFiles(850_000).room(0).length).toBeGreaterThanOrEqual(850_000);
  });
});
