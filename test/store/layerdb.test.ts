import { lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chainId, type Digest, digestOf, hexOf } from '../../src/formats/digest.ts';
import { newStringId } from '../../src/formats/ids.ts';
import { chainsOf, MAX_LAYER_DEPTH } from '../../src/store/layerdb.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

function fresh(): Store {
  return openStore(tempFolder(), { mode: 'write' });
}

function put(store: Store, diffId: Digest, parent?: Digest) {
  return store.layers.register({ diffId, parent, cacheId: newStringId(), size: 42, tarSplit: Buffer.from('split') });
}

describe('layerdb', () => {
  it('writes the files that dockerd writes, without newlines', () => {
    const store = fresh();
    const base = put(store, digestOf('base')).record;
    const top = put(store, digestOf('top'), base.chainId).record;
    const dir = `${store.paths.layers}/${hexOf(top.chainId)}`;
    expect(readdirSync(dir).sort()).toEqual(['cache-id', 'diff', 'parent', 'size', 'tar-split.json.gz']);
    expect(readFileSync(`${dir}/diff`, 'utf8')).toBe(digestOf('top'));
    expect(readFileSync(`${dir}/parent`, 'utf8')).toBe(base.chainId);
    expect(readFileSync(`${dir}/size`, 'utf8')).toBe('42');
    expect(readFileSync(`${dir}/cache-id`, 'utf8')).toBe(top.cacheId);
    expect(lstatSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir)) expect(lstatSync(`${dir}/${name}`).mode & 0o777).toBe(0o644);
    expect(readdirSync(`${store.paths.layers}/${hexOf(base.chainId)}`)).not.toContain('parent');
    expect(readdirSync(store.paths.layerTmp)).toEqual([]);
  });

  // From the seed notes on a real store: four diff ids of one image and the chain ids that dockerd gave them.
  it('computes chain ids as the image-spec says', () => {
    const [a, b] = [digestOf('a'), digestOf('b')];
    expect(chainsOf([a, b])).toEqual([a, digestOf(`${a} ${b}`)]);
  });

  it('keeps the first of two equal layers', () => {
    const store = fresh();
    const first = put(store, digestOf('x'));
    const second = put(store, digestOf('x'));
    expect(first.existed).toBe(false);
    expect(second).toEqual({ record: first.record, existed: true });
  });

  it('takes 125 layers on top of each other and not one more', () => {
    const store = fresh();
    let top: Digest | undefined;
    for (let depth = 0; depth < MAX_LAYER_DEPTH; depth++)
      top = put(store, digestOf(`layer ${depth}`), top).record.chainId;
    expect(store.layers.chain(top as Digest)).toHaveLength(125);
    expect(() => put(store, digestOf('one more'), top)).toThrow(expect.objectContaining({ code: 'LL_MAX_DEPTH' }));
  });

  it('sees a layer that another process replaced since it was last asked, and one that is gone', () => {
    const store = fresh();
    const { chainId, cacheId } = put(store, digestOf('x')).record;
    utimesSync(`${store.paths.layers}/${hexOf(chainId)}`, 1000, 1000);
    expect(store.layers.get(chainId)?.cacheId).toBe(cacheId);
    const other = openStore(store.dataRoot, { mode: 'write' });
    other.layers.remove(chainId, () => {});
    expect(store.layers.get(chainId)).toBeUndefined();
    const replaced = put(other, digestOf('x')).record;
    expect(store.layers.get(chainId)).toEqual(replaced);
    expect(replaced.cacheId).not.toBe(cacheId);
  });

  it('tells the snapshot of a layer without looking at the rest of its record', () => {
    const store = fresh();
    const { chainId, cacheId } = put(store, digestOf('x')).record;
    const dir = `${store.paths.layers}/${hexOf(chainId)}`;
    writeFileSync(`${dir}/diff`, 'damaged');
    expect(store.layers.cacheId(chainId)).toBe(cacheId);
    writeFileSync(`${dir}/cache-id`, '../../etc');
    expect(store.layers.cacheId(chainId)).toBeUndefined();
    expect(store.layers.cacheId(digestOf('y'))).toBeUndefined();
  });

  it('refuses an unknown parent', () => {
    const store = fresh();
    expect(() => put(store, digestOf('x'), digestOf('nowhere'))).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
  });

  it('removes a layer, once', () => {
    const store = fresh();
    const { chainId: id, cacheId } = put(store, digestOf('x')).record;
    const removed: string[] = [];
    expect(store.layers.remove(id, (one) => removed.push(one))).toBe(true);
    expect(store.layers.remove(id, (one) => removed.push(one))).toBe(false);
    expect(removed).toEqual([cacheId]);
    expect(readdirSync(store.paths.layers)).toEqual([]);
  });

  for (const [what, file, content] of [
    ['an empty diff', 'diff', ''],
    ['a diff with a newline', 'diff', `${digestOf('x')}\n`],
    ['another diff', 'diff', digestOf('y')],
    ['an empty cache-id', 'cache-id', ''],
    ['a cache-id that is a path', 'cache-id', '../../../../etc'],
    ['a size that is none', 'size', '-1'],
    ['an upper-case parent', 'parent', digestOf('p').toUpperCase()],
    ['a parent that does not give this chain', 'parent', digestOf('p')],
  ] as const) {
    it(`reports ${what} as damage, and lists the others`, () => {
      const store = fresh();
      const { chainId: id } = put(store, digestOf('x')).record;
      const other = put(store, digestOf('other')).record;
      writeFileSync(`${store.paths.layers}/${hexOf(id)}/${file}`, content);
      expect(() => store.layers.get(id)).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
      expect(store.layers.list()).toEqual([other]);
    });
  }

  it('reports an empty folder of a layer as damage (moby#44909)', () => {
    const store = fresh();
    const id = chainId(undefined, digestOf('x'));
    mkdirSync(`${store.paths.layers}/${hexOf(id)}`, { recursive: true });
    expect(() => store.layers.get(id)).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
    expect(store.layers.list()).toEqual([]);
  });
});
