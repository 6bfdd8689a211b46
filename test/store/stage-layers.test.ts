import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chainId, digestOf, hexOf } from '../../src/formats/digest.ts';
import { newIdentityId } from '../../src/formats/ids.ts';
import type { NewLayer } from '../../src/store/layerdb.ts';
import { placeLayers, stageLayers } from '../../src/store/stage-layers.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

/** Two layers on each other, with their snapshots. */
function twoLayers(store: Store): readonly [NewLayer, NewLayer] {
  const base = newLayer(store, 'base', undefined, undefined);
  return [base, newLayer(store, 'top', chainId(undefined, base.diffId), base.cacheId)];
}

function newLayer(store: Store, text: string, parent: NewLayer['parent'], parentCacheId: string | undefined): NewLayer {
  const cacheId = newIdentityId();
  store.overlay.createSnapshot({ cacheId, parentCacheId, flushLater: true });
  return { diffId: digestOf(Buffer.from(text)), parent, cacheId, size: 7, tarSplit: Buffer.from(text) };
}

/** Every file of a layer's record: its name, mode and bytes. */
function record(store: Store, layer: NewLayer): readonly (readonly [string, string, string])[] {
  const dir = `${store.paths.layers}/${chainId(layer.parent, layer.diffId).slice('sha256:'.length)}`;
  const files = readdirSync(dir).sort();
  return [
    ['.', (lstatSync(dir).mode & 0o7777).toString(8), ''],
    ...files.map(
      (name) =>
        [
          name,
          (lstatSync(`${dir}/${name}`).mode & 0o7777).toString(8),
          readFileSync(`${dir}/${name}`, 'latin1'),
        ] as const,
    ),
  ];
}

describe('stageLayers', () => {
  it('leaves what registering one by one leaves', () => {
    const one = openStore(tempFolder(), { mode: 'write' });
    const layers = twoLayers(one);
    for (const layer of layers) one.layers.register(layer);
    const all = openStore(tempFolder(), { mode: 'write' });
    const staged = stageLayers(layers, `${all.paths.tmp}/records`);
    expect(all.layers.list()).toEqual([]);
    all.lock(() => placeLayers(all.paths, staged, all.layers.has));
    for (const layer of layers) expect(record(all, layer)).toEqual(record(one, layer));
    expect(readdirSync(`${all.paths.tmp}/records`)).toEqual([]);
  });

  it('leaves a layer that is there as it is', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const [base, top] = twoLayers(store);
    const staged = stageLayers([base, top], `${store.paths.tmp}/records`);
    const { record: first } = store.layers.register({ ...base, size: 9 });
    store.lock(() => placeLayers(store.paths, staged, store.layers.has));
    expect(store.layers.get(first.chainId)).toEqual(first);
    expect(store.layers.chain(chainId(top.parent, top.diffId)).map(({ size }) => size)).toEqual([9, 7]);
  });

  it('takes no cache-id that is none', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const [base] = twoLayers(store);
    expect(() => stageLayers([{ ...base, cacheId: '../x' }], `${store.paths.tmp}/records`)).toThrow('invalid cache-id');
  });
});

describe('a snapshot that is flushed later', () => {
  it('is the same as one that was flushed at once, and can be flushed with a layer', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const [lower, upper] = twoLayers(store);
    const { cacheId: base } = lower;
    const { cacheId: top } = upper;
    store.layers.register(lower, [...store.overlay.records(base), ...store.overlay.records(newIdentityId())]);
    store.layers.register(upper, store.overlay.records(top));
    expect(readdirSync(`${store.paths.layers}/${hexOf(chainId(upper.parent, upper.diffId))}`).sort()).toEqual(
      ['cache-id', 'diff', 'parent', 'size', 'tar-split.json.gz'].sort(),
    );
    const link = readFileSync(`${store.paths.overlay}/${base}/link`, 'utf8');
    expect(readFileSync(`${store.paths.overlay}/${top}/lower`, 'utf8')).toBe(`l/${link}`);
    expect((lstatSync(`${store.paths.overlay}/${top}/lower`).mode & 0o777).toString(8)).toBe('644');
  });

  it('is not taken for what stands below when it was removed meanwhile', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const [{ cacheId: base }, { cacheId: top }] = twoLayers(store);
    openStore(store.dataRoot, { mode: 'write' }).overlay.removeSnapshot(top);
    expect(() => store.overlay.createSnapshot({ cacheId: newIdentityId(), parentCacheId: top })).toThrow('no diff');
    expect(store.overlay.createSnapshot({ cacheId: newIdentityId(), parentCacheId: base }).lowers).toHaveLength(1);
  });
});
