import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { newLinkId, newStringId } from '../../src/formats/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

function layerWithLower(lower: (store: Store) => string): { store: Store; cacheId: string } {
  const store = openStore(tempFolder(), { mode: 'write' });
  const cacheId = newStringId();
  store.overlay.createSnapshot({ cacheId });
  writeFileSync(`${store.paths.overlay}/${cacheId}/lower`, lower(store));
  return { store, cacheId };
}

function link(store: Store, target: string): string {
  const id = newLinkId();
  symlinkSync(target, `${store.paths.links}/${id}`);
  return `l/${id}`;
}

const corrupt = expect.objectContaining({ code: expect.stringMatching(/^LL_(?:CORRUPT|LIMIT)$/) });

describe('S07: links of the overlay2 folder that lead elsewhere', () => {
  for (const [what, lower] of [
    ['a path', () => '../../../../etc'],
    ['an absolute path', () => '/etc'],
    ['a link in lower case', () => 'l/abcdefghijklmnopqrstuvwxyz'],
    ['no link of that name', () => `l/${newLinkId()}`],
    ['zero bytes after a colon', (store: Store) => `${link(store, `../${newStringId()}/diff`)}:`],
    ['a link to the outside', (store: Store) => link(store, '../../../../../etc')],
    ['a link to an absolute path', (store: Store) => link(store, '/etc')],
    ['a link to a layer that is not there', (store: Store) => link(store, `../${newStringId()}/diff`)],
    ['a link to something else of a layer', (store: Store) => link(store, `../${newStringId()}/work`)],
    ['more than 128 layers', () => Array.from({ length: 129 }, () => `l/${newLinkId()}`).join(':')],
    ['a file that does not end', () => 'l/'.repeat(100_000)],
  ] as const) {
    it(`${what} in lower is damage`, () => {
      const { store, cacheId } = layerWithLower(lower);
      expect(() => store.overlay.lowerDirs(cacheId)).toThrow(corrupt);
      expect(() => store.overlay.snapshot(cacheId)).toThrow(corrupt);
    });
  }

  it('a layer that stands on itself is damage', () => {
    const { store, cacheId } = layerWithLower(() => '');
    writeFileSync(`${store.paths.overlay}/${cacheId}/lower`, link(store, `../${cacheId}/diff`));
    expect(() => store.overlay.lowerDirs(cacheId)).toThrow(corrupt);
  });

  it('a layer folder that is a link is no layer', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const cacheId = newStringId();
    const outside = tempFolder();
    mkdirSync(`${outside}/diff`);
    symlinkSync(outside, `${store.paths.overlay}/${cacheId}`);
    expect(store.overlay.has(cacheId)).toBe(false);
    expect(() => store.overlay.snapshot(cacheId)).toThrow(corrupt);
    store.overlay.removeSnapshot(cacheId);
    expect(() => rmSync(`${outside}/diff`, { recursive: true })).not.toThrow();
  });

  it('a link file of zero bytes is damage (moby#23184)', () => {
    const { store, cacheId } = layerWithLower(() => '');
    writeFileSync(`${store.paths.overlay}/${cacheId}/link`, '');
    expect(() => store.overlay.snapshot(cacheId)).toThrow(corrupt);
    const child = newStringId();
    expect(() => store.overlay.createSnapshot({ cacheId: child, parentCacheId: cacheId })).toThrow(corrupt);
    expect(store.overlay.has(child)).toBe(false);
  });
});
