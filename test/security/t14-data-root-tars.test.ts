import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { images } from '../../src/engine/images.ts';
import { openForReading } from '../../src/engine/open-for-reading.ts';
import type { TarType } from '../../src/formats/tar-entry.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, tarPadding } from '../../src/formats/tar-header.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

interface Member {
  readonly name: string;
  readonly type?: TarType;
  readonly content?: string;
  readonly linkname?: string;
  /** What the header claims. */
  readonly size?: number;
}

function tarFile(members: readonly Member[]): string {
  const file = join(tempFolder(), 'root.tar');
  const parts = members.flatMap(({ name, type = '0', content = '', linkname = '', size = content.length }) => [
    encodeTarHeader({
      ...{ name, type, size, linkname, mode: 0o755, uid: 0, gid: 0, mtime: 0, uname: '', gname: '' },
      ...{ devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
    }),
    Buffer.from(content),
    tarPadding(content.length),
  ]);
  writeFileSync(file, Buffer.concat([...parts, TAR_END]));
  return file;
}

const layout: readonly Member[] = [
  { name: 'image/overlay2/', type: '5' },
  { name: 'overlay2/l/', type: '5' },
];

describe('a hostile tar of a data-root', () => {
  it('leads nowhere by names with .. in them, nor by absolute ones', () => {
    const tar = tarFile([
      ...layout,
      { name: '../outside', content: 'x' },
      { name: 'image/../../outside', content: 'x' },
      { name: '/etc/passwd', content: 'ours' },
    ]);
    const { files, paths } = openForReading(tar);
    expect(files.names(paths.root)).toEqual(['etc', 'image', 'overlay2']);
    expect(files.open(`${paths.root}/../outside`)).toBeUndefined();
    expect(files.open('/etc/passwd')).toBeUndefined();
    expect(files.lstat('/')).toBeUndefined();
  });

  it('opens nothing through links, whether they lead out or in a circle', () => {
    const tar = tarFile([
      ...layout,
      { name: 'image/overlay2/repositories.json', type: '2', linkname: '/etc/passwd' },
      { name: 'a', type: '2', linkname: 'b' },
      { name: 'b', type: '2', linkname: 'a' },
      { name: 'hard', type: '1', linkname: '/etc/passwd' },
      { name: 'self', type: '1', linkname: 'self' },
    ]);
    expect(() => images({ dataRoot: tar })).not.toThrow();
    const { files, paths, references } = openForReading(tar);
    expect(() => references.list()).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
    for (const name of ['hard', 'self']) expect(files.open(`${paths.root}/${name}`)).toBeUndefined();
    expect(() => files.open(`${paths.root}/a`)).toThrow('is not a regular file');
  });

  it('may not claim contents that it does not have', () => {
    const tar = tarFile([...layout, { name: 'image/overlay2/repositories.json', size: 2 ** 40 }]);
    expect(() => images({ dataRoot: tar })).toThrow(expect.objectContaining({ code: 'LL_TAR' }));
  });

  it('may not pass a data-root inside of a layer off as its own', () => {
    const tar = tarFile([
      { name: 'overlay2/x/diff/var/lib/docker/image/overlay2/', type: '5' },
      { name: 'image/overlay2/', type: '5' },
    ]);
    const { files, paths } = openForReading(tar);
    expect(files.names(paths.root)).toEqual(['image', 'overlay2']);
  });
});
