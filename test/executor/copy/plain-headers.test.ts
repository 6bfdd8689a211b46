import { describe, expect, it } from '@jest/globals';
import { PlainHeaders } from '../../../src/executor/copy/folder-hash/plain-headers.ts';
import { encodeTarHeader, NO_XATTRS } from '../../../src/formats/tar-header.ts';

describe('PlainHeaders', () => {
  const owner = { uid: 7, gid: 65_534 };
  const encoded = (name: string, mode: number, size: number, mtime: number): Buffer =>
    encodeTarHeader({
      ...{ name, type: '0', mode, size, mtime, ...owner, linkname: '', uname: '', gname: '' },
      ...{ devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
    });
  const put = (headers: PlainHeaders, name: string, mode: number, size: number, mtime: number): Buffer | undefined => {
    // What was there before must not show.
    const room = Buffer.alloc(1024, 0xff);
    if (!headers.put(room, 300, name, mode, size, mtime)) return undefined;
    expect(room.subarray(0, 300).every((byte) => byte === 0xff)).toBe(true);
    return room.subarray(300, 812);
  };

  it('makes the headers that files have one by one, whatever stands before them', () => {
    const headers = new PlainHeaders(owner);
    for (const prefix of ['', 'src/', 'src/lib/', `${'p'.repeat(90)}/`]) {
      headers.enter(prefix);
      for (const [name, mode, size, mtime] of [
        ['a', 0o644, 0, 1_445_412_480],
        ['a-longer', 0o644, 1, 1_445_412_480],
        ['b', 0o4755, 1, 1_445_412_480],
        ['b', 0o4755, 0x7fffffff, 0],
        ['c d\t', 0, 8_589_934, 1],
      ] as const) {
        expect(put(headers, name, mode, size, mtime)).toEqual(encoded(prefix + name, mode, size, mtime));
      }
    }
  });

  it('leaves what needs more than one block, or a division, to others', () => {
    const headers = new PlainHeaders(owner);
    headers.enter('src/');
    const simple = (name: string, size = 1, mtime = 1): boolean => put(headers, name, 0o644, size, mtime) !== undefined;
    expect([simple('n'.repeat(96)), simple('n'.repeat(97))]).toEqual([true, false]);
    expect([simple('n\u00e4me'), simple('name', 2 ** 31), simple('name', 1, -1), simple('name', 1, 8 ** 11)]).toEqual([
      ...[false, false, false, false],
    ]);
    headers.enter('s\u00f6rc/');
    expect(simple('name')).toBe(false);
    headers.enter('src/');
    expect(put(headers, 'name', 0o644, 3, 1)).toEqual(encoded('src/name', 0o644, 3, 1));
  });
});
