import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openBuildCache } from '../../../src/executor/cache/build-cache.ts';
import { chainId, digestOf, hexOf } from '../../../src/formats/digest.ts';
import { newIdentityId } from '../../../src/formats/ids.ts';
import type { BuiltLayer } from '../../../src/store/built-layer.ts';
import { dataRootPaths } from '../../../src/store/layout.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';

afterEach(removeTempFolders);

const KEY = 'ab'.repeat(32);

function layer(name: string): BuiltLayer {
  const diffId = digestOf(name);
  const created = '2026-01-02T03:04:05.6Z';
  return { chainId: chainId(undefined, diffId), diffId, parent: undefined, cacheId: newIdentityId(), size: 3, created };
}

function openCache() {
  const root = tempFolder();
  const cache = openBuildCache(dataRootPaths(root), '28');
  const steps = `${root}/layerlab/cache/steps`;
  return { cache, folder: () => `${steps}/${readdirSync(steps)[0]}` };
}

/** Makes a record older than those that are put behind it: a clock's tick may be longer than a test. */
function age(folder: string, { diffId }: BuiltLayer): void {
  utimesSync(`${folder}/${hexOf(diffId)}.json`, 1e9, 1e9);
}

describe('the build cache', () => {
  it('gives the layers of a key, newest first', () => {
    const { cache, folder } = openCache();
    const [one, two] = [layer('one'), layer('two')];
    expect([...cache.layers(KEY)]).toEqual([]);
    cache.put(KEY, one, undefined);
    expect([...cache.layers(KEY)]).toEqual([one]);
    age(folder(), one);
    cache.put(KEY, two, undefined);
    expect([...cache.layers(KEY)]).toEqual([two, one]);
    expect(cache.find(KEY).map((record) => record.layer)).toEqual([two, one]);
    age(folder(), two);
    cache.put(KEY, one, undefined);
    expect([...cache.layers(KEY)]).toEqual([one, two]);
  });

  it('reads the newest by a name of its own, without a list', () => {
    const { cache, folder } = openCache();
    const one = layer('one');
    cache.put(KEY, one, undefined);
    const record = `${folder()}/${hexOf(one.diffId)}.json`;
    expect(readdirSync(folder()).sort()).toEqual([`${hexOf(one.diffId)}.json`, 'newest'].sort());
    expect(lstatSync(`${folder()}/newest`).ino).toBe(lstatSync(record).ino);
    rmSync(record);
    expect([...cache.layers(KEY)]).toEqual([one]);
    expect(cache.find(KEY)).toEqual([]);
  });

  it('lists the records where that name is missing or broken', () => {
    const { cache, folder } = openCache();
    const [one, two] = [layer('one'), layer('two')];
    for (const each of [one, two]) cache.put(KEY, each, undefined);
    age(folder(), one);
    rmSync(`${folder()}/newest`);
    expect([...cache.layers(KEY)]).toEqual([two, one]);
    writeFileSync(`${folder()}/newest`, readFileSync(`${folder()}/${hexOf(one.diffId)}.json`, 'utf8').slice(0, 40));
    expect([...cache.layers(KEY)]).toEqual([two, one]);
  });

  it('gives no such name to a record of files, which the key alone does not decide', () => {
    const { cache, folder } = openCache();
    const one = layer('one');
    cache.put(KEY, one, { text: ['a file'], readAt: 5n, stamp: 'stamp' });
    expect(existsSync(`${folder()}/newest`)).toBe(false);
    const [record] = cache.find(KEY);
    expect(record).toMatchObject({ layer: one, readAt: 5n, stamp: 'stamp' });
    expect(record?.manifest()).toBe('a file');
    expect(record?.manifestSize()).toBe(6);
    cache.put('of a RUN', one, undefined);
    expect(cache.find('of a RUN').map((kept) => kept.manifestSize())).toEqual([0]);
  });

  it.each([
    ['of a process that was killed', (dir: string) => writeFileSync(`${dir}/newest.${process.pid}`, 'half')],
    ['a folder', (dir: string) => rmSync(`${dir}/newest`) ?? mkdirSync(`${dir}/newest/deep`, { recursive: true })],
    ['a link without end', (dir: string) => rmSync(`${dir}/newest`) ?? symlinkSync('newest', `${dir}/newest`)],
  ])('gives the newest record its name where that is %s', (_, spoil) => {
    const { cache, folder } = openCache();
    const [one, two] = [layer('one'), layer('two')];
    cache.put(KEY, one, undefined);
    spoil(folder());
    cache.put(KEY, two, undefined);
    expect([...cache.layers(KEY)][0]).toEqual(two);
    expect(readdirSync(folder()).sort()).toEqual(
      [`${hexOf(one.diffId)}.json`, `${hexOf(two.diffId)}.json`, 'newest'].sort(),
    );
  });

  it('asks no link for the size of a list', () => {
    const { cache, folder } = openCache();
    const one = layer('one');
    cache.put(KEY, one, { text: ['a file'], readAt: 5n });
    const files = `${folder()}/${hexOf(one.diffId)}.files`;
    rmSync(files);
    expect(cache.find(KEY)[0]?.manifestSize()).toBe(0);
    symlinkSync(files, files);
    expect(cache.find(KEY)[0]?.manifestSize()).toBe(Buffer.byteLength(files));
  });

  // A data-root of others may hold anything: opening a fifo as a file would wait for ever for who writes into it.
  it('takes a fifo, a folder and a file that is far too large for no record', () => {
    const { cache, folder } = openCache();
    const one = layer('one');
    cache.put(KEY, one, { text: ['a file'], readAt: 5n });
    const [record] = cache.find(KEY);
    const base = `${folder()}/${hexOf(one.diffId)}`;
    rmSync(`${base}.files`);
    execFileSync('mkfifo', [`${folder()}/newest`, `${base}.files`]);
    expect([...cache.layers(KEY)]).toEqual([one]);
    expect(record?.manifest()).toBe('');
    rmSync(`${base}.json`);
    execFileSync('mkfifo', [`${base}.json`]);
    expect([...cache.layers(KEY)]).toEqual([]);
    rmSync(`${base}.json`);
    mkdirSync(`${base}.json`);
    expect([...cache.layers(KEY)]).toEqual([]);
    rmdirSync(`${base}.json`);
    writeFileSync(`${base}.json`, JSON.stringify({ ...one, readAt: '0', more: 'x'.repeat(100_000) }));
    expect([...cache.layers(KEY)]).toEqual([]);
  });

  it('forgets the oldest of many records with manifests, and none that was used since', () => {
    const { cache, folder } = openCache();
    const layers = Array.from({ length: 97 }, (_, n) => layer(`${n}`));
    for (const [n, each] of layers.entries()) {
      cache.put(KEY, each, { text: [`files of ${n}`], readAt: 5n });
      // All but the last two are a second apart from each other; the first two are the oldest.
      if (n < 95) utimesSync(`${folder()}/${hexOf(each.diffId)}.json`, 1e9 + n, 1e9 + n);
      if (n === 94) cache.use(KEY, layers[1] as BuiltLayer);
    }
    const left = cache.find(KEY);
    const stay = [...layers.slice(1, 2), ...layers.slice(97 - 63)];
    expect(new Set(left.map((record) => record.layer))).toEqual(new Set(stay));
    expect(left.map((record) => record.manifest())).toEqual(
      left.map((record) => `files of ${layers.findIndex(({ diffId }) => diffId === record.layer.diffId)}`),
    );
    expect(readdirSync(folder()).sort()).toEqual(
      stay.flatMap(({ diffId }) => [`${hexOf(diffId)}.files`, `${hexOf(diffId)}.json`]).sort(),
    );
  });

  it('keeps the record that was put last, also where a clock that went back makes it the oldest', () => {
    const { cache, folder } = openCache();
    const layers = Array.from({ length: 97 }, (_, n) => layer(`${n}`));
    for (const [n, each] of layers.entries()) {
      cache.put(KEY, each, { text: ['a file'], readAt: 5n });
      if (n < 96) utimesSync(`${folder()}/${hexOf(each.diffId)}.json`, 4e9 + n, 4e9 + n);
    }
    expect(new Set(cache.find(KEY).map((record) => record.layer))).toEqual(new Set(layers.slice(97 - 64)));
  });

  // A data-root of others may hold anything, also a link to where such names are somebody else's.
  it('removes nothing behind a link', () => {
    const { cache, folder } = openCache();
    const layers = Array.from({ length: 97 }, (_, n) => layer(`${n}`));
    cache.put(KEY, layers[0] as BuiltLayer, { text: ['a file'], readAt: 5n });
    const [dir, elsewhere] = [folder(), tempFolder()];
    for (const { diffId } of layers.slice(0, 96)) writeFileSync(`${elsewhere}/${hexOf(diffId)}.json`, '');
    rmSync(dir, { recursive: true });
    symlinkSync(elsewhere, dir);
    cache.put(KEY, layers[96] as BuiltLayer, { text: ['a file'], readAt: 5n });
    expect(readdirSync(elsewhere).filter((name) => name.endsWith('.json'))).toHaveLength(97);
  });

  it('knows a key by any record that is whole', () => {
    const { cache, folder } = openCache();
    expect(cache.knows(KEY)).toBe(false);
    const [one, two] = [layer('one'), layer('two')];
    for (const each of [one, two]) cache.put(KEY, each, { text: ['a file'], readAt: 5n });
    expect(cache.knows(KEY)).toBe(true);
    for (const each of [one, two]) {
      expect(cache.knows(KEY)).toBe(true);
      writeFileSync(`${folder()}/${hexOf(each.diffId)}.json`, '{');
    }
    expect(cache.knows(KEY)).toBe(false);
  });

  // A data-root of others may hold anything: no link is followed for the age of a record, and one without end is an error of the catalogue.
  it('looks at and renews a record that is a link, not what it leads to', () => {
    const { cache, folder } = openCache();
    const [one, two] = [layer('one'), layer('two')];
    for (const each of [one, two]) cache.put(KEY, each, { text: ['a file'], readAt: 5n });
    const [path, other] = [`${folder()}/${hexOf(one.diffId)}.json`, `${folder()}/other`];
    rmSync(path);
    writeFileSync(other, '');
    utimesSync(other, 1e9, 1e9);
    symlinkSync(other, path);
    cache.use(KEY, one);
    expect(lstatSync(other).mtimeMs).toBe(1e12);
    rmSync(path);
    symlinkSync(path, path);
    expect(() => cache.find(KEY)).toThrow(expect.objectContaining({ code: 'LL_IO' }));
    cache.use(KEY, layer('three'));
  });

  it('keeps layers of another Docker version apart', () => {
    const root = tempFolder();
    openBuildCache(dataRootPaths(root), '28').put(KEY, layer('one'), undefined);
    expect([...openBuildCache(dataRootPaths(root), '20.10').layers(KEY)]).toEqual([]);
  });
});
