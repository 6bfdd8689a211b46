import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Crc64, loadCrc64 } from '../../src/formats/crc64.ts';
import { assembleTar, decompressTarSplit, parseTarSplit, tarSplitHeaders } from '../../src/formats/tar-split-reader.ts';
import { TarSplitWriter } from '../../src/formats/tar-split-writer.ts';
import { fixture } from './fixture.ts';
import { readTar, splitTar } from './tar-helpers.ts';

// Layers with bytes behind their end, and the tar-split.json.gz that Docker made of them on `docker load`.
const tails = ['t1', 't2', 't3', 't4', 't5', 't6'];

let crc: Crc64;
beforeAll(async () => {
  crc = (await loadCrc64())();
});

const corrupt = expect.objectContaining({ code: 'LL_CORRUPT' });

describe('TarSplitWriter', () => {
  for (const name of tails) {
    for (const compat of ['28', '20.10']) {
      it(`writes what Docker ${compat} writes for ${name}, whatever the chunks`, () => {
        const tar = fixture(`tail-${name}.tar.gz`);
        const docker = fixture(`tail-${name}.split-${compat}.gz`);
        for (const step of [1 << 20, 1000]) {
          const split = splitTar(tar, crc, { emptyTail: compat !== '28' }, step);
          expect(gunzipSync(split).equals(docker)).toBe(true);
        }
      });
    }
  }

  it("begins with Go's gzip header, in every member", () => {
    const writer = new TarSplitWriter();
    for (let index = 0; index < 10; index++) {
      writer.segment(Buffer.alloc(1 << 20, index));
      writer.file(`f${index}`, 0, undefined);
    }
    const split = writer.finish();
    const header = Buffer.from('1f8b08000000000000ff', 'hex');
    const members = split.toString('latin1').split(header.toString('latin1')).length - 1;
    expect(split.subarray(0, 10).equals(header)).toBe(true);
    expect(members).toBeGreaterThan(2);
    expect([...parseTarSplit(decompressTarSplit(split))]).toHaveLength(20);
  });

  it('writes names as Go does', () => {
    const writer = new TarSplitWriter();
    writer.file('a<b>&"\u00c3\u00a9', 5, Buffer.from('0102030405060708', 'hex'));
    writer.file('bad\xff', 0, undefined);
    writer.file('', 0, undefined);
    expect(gunzipSync(writer.finish()).toString()).toBe(
      '{"type":1,"name":"a\\u003cb\\u003e\\u0026\\"\u00e9","size":5,"payload":"AQIDBAUGBwg=","position":0}\n' +
        '{"type":1,"name_raw":"YmFk/w==","payload":null,"position":1}\n' +
        '{"type":1,"payload":null,"position":2}\n',
    );
  });

  it.each([
    ['a/b', 'a/b'],
    ['a/b', './a//b/'],
    ['a', 'x/../a'],
    ['.', ''],
    ['/', '//'],
  ])('refuses %j beside %j', (first, second) => {
    const writer = new TarSplitWriter();
    writer.file(first, 0, undefined);
    expect(() => writer.file(second, 0, undefined)).toThrow('duplicates of file paths not supported');
  });

  it('looks among the names of a tree for those of marks, which a file may be called as, too', () => {
    const writer = new TarSplitWriter({ isTree: true });
    for (const name of ['a', 'd/', 'd/.wh.a', 'd/b']) writer.file(name, 0, undefined);
    expect(() => writer.file('d/.wh.a', 0, undefined)).toThrow('duplicates of file paths not supported');
  });

  it('takes names that only look alike', () => {
    const writer = new TarSplitWriter();
    for (const name of ['a', 'A', 'a.', '..a', 'a/..b', '/a', 'a\n', '...']) writer.file(name, 0, undefined);
    expect([...parseTarSplit(gunzipSync(writer.finish()))]).toHaveLength(8);
  });
});

describe('assembleTar', () => {
  const open = (tar: Buffer) => {
    const contents = new Map(readTar(tar).files.map(({ entry, content }) => [entry?.name, content]));
    return (name: string): Buffer[] => {
      const content = contents.get(name) ?? Buffer.alloc(0);
      return [content.subarray(0, 3), content.subarray(3)];
    };
  };

  for (const name of tails) {
    it(`gives ${name} back from what Docker wrote`, () => {
      const tar = fixture(`tail-${name}.tar.gz`);
      const entries = parseTarSplit(fixture(`tail-${name}.split-28.gz`));
      expect(Buffer.concat([...assembleTar(entries, open(tar), crc)]).equals(tar)).toBe(true);
    });
  }

  it.each([
    ['another byte', (content: Buffer) => Buffer.from(content.map((byte) => byte ^ 1)), 'its checksum differs'],
    ['a byte less', (content: Buffer) => content.subarray(1), 'its size is not 10'],
    ['a byte more', (content: Buffer) => Buffer.concat([content, Buffer.alloc(1)]), 'its size is not 10'],
    ['nothing', () => Buffer.alloc(0), 'its size is not 10'],
  ] as const)('notices %s', (_, change, message) => {
    const entries = parseTarSplit(fixture('tail-t1.split-28.gz'));
    const content = open(fixture('tail-t1.tar.gz'));
    const run = () => [...assembleTar(entries, (name) => [change(Buffer.concat(content(name)))], crc)];
    expect(run).toThrow(corrupt);
    const again = () => [
      ...assembleTar(
        parseTarSplit(fixture('tail-t1.split-28.gz')),
        (name) => [change(Buffer.concat(content(name)))],
        crc,
      ),
    ];
    expect(again).toThrow(message);
  });
});

describe('tarSplitHeaders', () => {
  for (const layer of ['special-files-28', 'dialect-global', 'dialect-gnu', 'tail-t4']) {
    it(`finds the headers of ${layer} without its contents`, () => {
      const tar = fixture(`${layer}.tar.gz`);
      const entries = parseTarSplit(gunzipSync(splitTar(tar, crc)));
      const whole = readTar(tar).files.flatMap(({ entry }) => entry ?? []);
      expect([...tarSplitHeaders(entries)]).toEqual(whole);
    });
  }

  it('notices a list of files that does not fit the headers', () => {
    const lines = fixture('tail-t1.split-28.gz').toString().split('\n');
    const renamed = lines.map((line) => line.replace('"name":"f1"', '"name":"f2"')).join('\n');
    expect(() => [...tarSplitHeaders(parseTarSplit(Buffer.from(renamed)))]).toThrow(corrupt);
    const resized = lines.map((line) => line.replace('"size":40000', '"size":40001')).join('\n');
    expect(() => [...tarSplitHeaders(parseTarSplit(Buffer.from(resized)))]).toThrow(corrupt);
    const missing = lines.filter((line) => !line.includes('"name":"f1"')).join('\n');
    expect(() => [...tarSplitHeaders(parseTarSplit(Buffer.from(missing)))]).toThrow(corrupt);
  });
});

describe('parseTarSplit', () => {
  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['another type', '{"type":3,"payload":null,"position":0}'],
    ['a negative size', '{"type":1,"name":"a","size":-1,"payload":"AAAAAAAAAAA=","position":0}'],
    ['a broken size', '{"type":1,"name":"a","size":1.5,"payload":"AAAAAAAAAAA=","position":0}'],
    ['a short checksum', '{"type":1,"name":"a","size":1,"payload":"AAAA","position":0}'],
    ['no checksum', '{"type":1,"name":"a","size":1,"payload":null,"position":0}'],
    ['no base 64', '{"type":2,"payload":"A*==","position":0}'],
    ['cut base 64', '{"type":2,"payload":"AAA","position":0}'],
    ['a name that is no text', '{"type":1,"name":7,"payload":null,"position":0}'],
    ['a file twice', '{"type":1,"name":"a","payload":null}\n{"type":1,"name":"./a","payload":null}'],
  ])('refuses %s', (_, text) => {
    expect(() => [...parseTarSplit(Buffer.from(text))]).toThrow(corrupt);
  });

  // Lines as Go writes them are read without a JSON parser: a space in front of one takes the other way.
  it.each([
    '{"type":1,"name":"a b/c~!","size":7,"payload":"AAECAwQFBgc=","position":1}',
    '{"type":1,"name":"dir/","payload":null,"position":0}',
    '{"type":1,"name":"none","size":0,"payload":"AAAAAAAAAAA=","position":12}',
    '{"type":1,"name":"\\u0041\\/","payload":null,"position":3}',
    '{"type":1,"name":"ä","payload":null,"position":3}',
    '{"type":2,"payload":"AAEC","position":0}',
    '{"type":2,"payload":"AA==","position":10}',
    '{"type":2,"payload":"","position":10}',
    `{"type":2,"payload":"${Buffer.alloc(512, 7).toString('base64')}","position":10}`,
  ])('reads %s the same, however it is laid out', (line) => {
    const plain = [...parseTarSplit(Buffer.from(`${line}\n`))];
    expect(plain).toEqual([...parseTarSplit(Buffer.from(` ${line}\n`))]);
    expect(plain).toHaveLength(1);
  });

  it.each([
    '{"type":1,"name":"a","size":01,"payload":"AAECAwQFBgc=","position":1}',
    '{"type":1,"name":"a","size":7,"payload":null,"position":1}',
    '{"type":1,"name":"a\tb","payload":null,"position":1}',
    '{"type":1,"name":"a","payload":null,"position":1}x',
    '{"type":2,"payload":"AAE","position":0}',
    '{"type":2,"payload":"A*EC","position":0}',
    '{"type":2,"payload":"AAEC","position":00}',
    `{"type":2,"payload":"${'AAEC'.repeat(30)}=AAA","position":0}`,
  ])('refuses %s, however it is laid out', (line) => {
    expect(() => [...parseTarSplit(Buffer.from(`${line}\n`))]).toThrow(corrupt);
    expect(() => [...parseTarSplit(Buffer.from(` ${line}\n`))]).toThrow(corrupt);
  });

  it('keeps to its limits', () => {
    const limit = expect.objectContaining({ code: 'LL_LIMIT' });
    const line = '{"type":2,"payload":"","position":0}\n';
    expect(() => [...parseTarSplit(Buffer.from(line.repeat(3)), { maxEntries: 2 })]).toThrow(limit);
    expect(() => [...parseTarSplit(Buffer.from(line), { maxLine: 20 })]).toThrow(limit);
    expect(() => decompressTarSplit(gzipSync(Buffer.alloc(100_000)), { maxTotal: 99_999 })).toThrow(limit);
    expect(() => decompressTarSplit(Buffer.from('no gzip'))).toThrow(corrupt);
  });
});
