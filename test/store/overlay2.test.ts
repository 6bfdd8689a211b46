import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { newIdentityId, newStringId } from '../../src/formats/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

function chainOfThree(): { store: Store; ids: readonly [string, string, string] } {
  const store = openStore(tempFolder(), { mode: 'write' });
  const ids = [newStringId(), newIdentityId(), newStringId()] as const;
  store.overlay.createSnapshot({ cacheId: ids[0] });
  store.overlay.createSnapshot({ cacheId: ids[1], parentCacheId: ids[0] });
  store.overlay.createSnapshot({ cacheId: ids[2], parentCacheId: ids[1] });
  return { store, ids };
}

const mode = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

describe('overlay2', () => {
  it('makes folders as dockerd does: the base without lower and work, committed in each parent', () => {
    const { store, ids } = chainOfThree();
    const [base, middle, top] = ids.map((id) => `${store.paths.overlay}/${id}`) as [string, string, string];
    expect(readdirSync(base).sort()).toEqual(['committed', 'diff', 'link']);
    expect(readdirSync(middle).sort()).toEqual(['committed', 'diff', 'link', 'lower', 'work']);
    expect(readdirSync(top).sort()).toEqual(['diff', 'link', 'lower', 'work']);
    expect([mode(top), mode(`${top}/diff`), mode(`${top}/work`)]).toEqual(['710', '755', '700']);
    expect([mode(`${top}/link`), mode(`${top}/lower`), mode(`${middle}/committed`)]).toEqual(['644', '644', '600']);
    const links = [base, middle, top].map((dir) => readFileSync(`${dir}/link`, 'utf8'));
    expect(readFileSync(`${top}/lower`, 'utf8')).toBe(`l/${links[1]}:l/${links[0]}`);
    expect(readFileSync(`${middle}/lower`, 'utf8')).toBe(`l/${links[0]}`);
    expect(links.map((link) => readlinkSync(`${store.paths.links}/${link}`))).toEqual(ids.map((id) => `../${id}/diff`));
    expect(lstatSync(`${middle}/committed`).size).toBe(0);
  });

  it('tells the layers below, nearest first', () => {
    const { store, ids } = chainOfThree();
    expect(store.overlay.parentCacheIds(ids[2])).toEqual([ids[1], ids[0]]);
    expect(store.overlay.lowerDirs(ids[2])).toEqual([store.overlay.diffPath(ids[1]), store.overlay.diffPath(ids[0])]);
    expect(store.overlay.snapshot(ids[2]).lowers).toEqual(store.overlay.lowerDirs(ids[2]));
    expect(store.overlay.lowerDirs(ids[0])).toEqual([]);
  });

  it('finds a layer whose link was lost', () => {
    const { store, ids } = chainOfThree();
    rmSync(`${store.paths.links}/${readFileSync(`${store.paths.overlay}/${ids[0]}/link`, 'utf8')}`);
    expect(store.overlay.parentCacheIds(ids[2])).toEqual([ids[1], ids[0]]);
  });

  it('gives inspect the paths, LowerDir only where there is one', () => {
    const { store, ids } = chainOfThree();
    const dir = `${store.dataRoot}/overlay2`;
    expect([...store.overlay.graphDriverData(ids[1])]).toEqual([
      ['LowerDir', `${dir}/${ids[0]}/diff`],
      ['MergedDir', `${dir}/${ids[1]}/merged`],
      ['UpperDir', `${dir}/${ids[1]}/diff`],
      ['WorkDir', `${dir}/${ids[1]}/work`],
    ]);
    expect([...store.overlay.graphDriverData(ids[0]).keys()]).toEqual(['MergedDir', 'UpperDir', 'WorkDir']);
  });

  it('removes a snapshot with its link', () => {
    const { store, ids } = chainOfThree();
    store.overlay.removeSnapshot(ids[2]);
    store.overlay.removeSnapshot(ids[2]);
    expect(store.overlay.list().sort()).toEqual([ids[0], ids[1]].sort());
    expect(readdirSync(store.paths.links)).toHaveLength(2);
    expect(readdirSync(store.paths.tmp)).toEqual([]);
  });

  it('leaves nothing of a snapshot whose parent is not there', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    expect(() => store.overlay.createSnapshot({ cacheId: newStringId(), parentCacheId: newStringId() })).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
    expect(readdirSync(store.paths.overlay)).toEqual(['l']);
    expect(readdirSync(store.paths.links)).toEqual([]);
  });

  it('never lets what is no cache-id become a path', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    for (const cacheId of ['../x', 'l', '', 'a/b', `${newStringId()}/..`]) {
      expect(() => store.overlay.createSnapshot({ cacheId })).toThrow(expect.objectContaining({ code: 'LL_DIGEST' }));
      expect(() => store.overlay.removeSnapshot(cacheId)).toThrow(expect.objectContaining({ code: 'LL_DIGEST' }));
    }
  });
});
