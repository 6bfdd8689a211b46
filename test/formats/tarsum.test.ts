import { describe, expect, it } from '@jest/globals';
import { toByteString } from '../../src/formats/bytestring.ts';
import { NO_XATTRS, type TarEntry } from '../../src/formats/tar-header.ts';
import { beginTarsum, directorySourceName, fileSourceName, sourceName, tarsumV1 } from '../../src/formats/tarsum.ts';

const entry = (name: string, mode: number, size: number): TarEntry => ({
  name: toByteString(name),
  type: name.endsWith('/') ? '5' : '0',
  mode,
  uid: 0,
  gid: 0,
  size,
  mtime: 1763689872,
  linkname: '',
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: NO_XATTRS,
});

const file = (name: string, mode: number, content: string): string =>
  tarsumV1(entry(name, mode, content.length), [Buffer.from(content)]);

// The names that the classic builder put into the history of an image; its client still sent the kind of the file in the mode.
describe('source names', () => {
  const text = file('a.txt', 0o100644, 'hello\n');
  const json = file('b.json', 0o100600, '{"b":1}\n');

  it('of one file', () => {
    const expected = 'file:679c43c79a56cffbb3b002bda3050542c152a2f09757a0f1a9578871f7cda00d';
    expect(sourceName([fileSourceName(text)])).toBe(expected);
    expect(fileSourceName(json)).toBe('file:7877cb68f56508a0896160c8dcd5cbbdc8619cc8667f64b91f01e54476270d87');
  });

  it('of several files', () => {
    expect(sourceName([fileSourceName(text), fileSourceName(json)])).toBe(
      'multi:a5225a6870546bcc0fa717aec367f392984411e09ca9083c06f17f8efbed9626',
    );
  });

  it('of a folder, in which a symbolic link counts as what it points to', () => {
    const link = text;
    const hashes = [
      link,
      tarsumV1(entry('dir/', 0o40755, 0)),
      tarsumV1(entry('dir/sub/', 0o40755, 0)),
      file('dir/x', 0o104755, 'x\n'),
      file('dir/sub/y', 0o100644, 'y\n'),
      file('dir/ünï.txt', 0o100644, 'uni'),
    ];
    const expected = 'dir:abde767d8b38ff22108270602923c56e5bf5b5f4ff7b6d1b068af80c6349a9ff';
    expect(directorySourceName(hashes)).toBe(expected);
    expect(directorySourceName(hashes.reverse())).toBe(expected);
  });
});

describe('tarsumV1', () => {
  it('leaves the time out and takes everything else', () => {
    const base = entry('a', 0o644, 0);
    const hash = tarsumV1(base);
    expect(tarsumV1({ ...base, mtime: 0 })).toBe(hash);
    const others: readonly Partial<TarEntry>[] = [
      { name: 'b' },
      { mode: 0o600 },
      { uid: 1 },
      { gid: 1 },
      { size: 1 },
      { type: '6' },
      { linkname: 'x' },
      { uname: 'x' },
      { gname: 'x' },
      { devmajor: 1 },
      { devminor: 1 },
      { xattrs: new Map([['user.a', Buffer.from('b')]]) },
    ];
    const hashes = others.map((change) => tarsumV1({ ...base, ...change }));
    expect(new Set([hash, ...hashes]).size).toBe(others.length + 1);
  });

  it('does not depend on the order of attributes nor on the chunks', () => {
    const [a, b] = [Buffer.from('1'), Buffer.from('2')];
    const one = {
      ...entry('a', 0o644, 3),
      xattrs: new Map([
        ['user.a', a],
        ['user.b', b],
      ]),
    };
    const two = {
      ...one,
      xattrs: new Map([
        ['user.b', b],
        ['user.a', a],
      ]),
    };
    expect(tarsumV1(one, [Buffer.from('xyz')])).toBe(tarsumV1(two, [Buffer.from('x'), Buffer.from('yz')]));
    expect(beginTarsum(one).update('xyz').digest('hex')).toBe(tarsumV1(one, [Buffer.from('xyz')]));
  });
});
