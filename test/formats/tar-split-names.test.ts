import { describe, expect, it } from '@jest/globals';
import { loadCrc64 } from '../../src/formats/crc64.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, tarPadding } from '../../src/formats/tar-header.ts';
import { tarSplitNames } from '../../src/formats/tar-split-names.ts';
import { decompressTarSplit } from '../../src/formats/tar-split-reader.ts';
import { splitTar } from './tar-helpers.ts';

function member(name: string, type: '0' | '2' | '5', content = ''): Buffer {
  const header = encodeTarHeader({
    ...{ name, type, mode: 0o755, uid: 0, gid: 0, size: content.length, mtime: 0, linkname: type === '2' ? 'x' : '' },
    ...{ uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
  });
  return Buffer.concat([header, Buffer.from(content), tarPadding(content.length)]);
}

describe('tarSplitNames', () => {
  it('tells folders from files, however the tar writes their names', async () => {
    const tar = Buffer.concat([
      member('a/', '5'),
      member('a/full', '0', 'content'),
      member('a/empty', '0'),
      // A folder without its slash, as some other writers have it.
      member('bare', '5'),
      member('link', '2'),
      member(`long/${'n'.repeat(300)}`, '0'),
      TAR_END,
    ]);
    const text = decompressTarSplit(splitTar(tar, (await loadCrc64())()));
    expect(tarSplitNames(text)).toEqual(['a/', 'a/full', 'a/empty', 'bare/', 'link', `long/${'n'.repeat(300)}`]);
  });

  it('refuses what is no tar-split', () => {
    expect(() => tarSplitNames(Buffer.from('{"type":1,"name":1}\n'))).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
  });
});
