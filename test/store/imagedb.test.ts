import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../src/formats/digest.ts';
import { newStringId } from '../../src/formats/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

const diffId = digestOf('layer');
const config = (layers: readonly string[], rows: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      history: Array.from({ length: rows }, () => ({ created: '2020-01-01T00:00:00Z' })),
      rootfs: { type: 'layers', diff_ids: layers },
    }),
  );

function withLayer(): Store {
  const store = openStore(tempFolder(), { mode: 'write' });
  store.layers.register({ diffId, parent: undefined, cacheId: newStringId(), size: 0, tarSplit: Buffer.alloc(0) });
  return store;
}

describe('imagedb', () => {
  it('stores a config under its digest, 0600, and its metadata without newlines', () => {
    const store = withLayer();
    const bytes = config([diffId], 1);
    const id = store.images.create(bytes);
    expect(id).toBe(digestOf(bytes));
    expect(store.images.create(bytes)).toBe(id);
    expect(readFileSync(`${store.paths.imageContent}/${hexOf(id)}`).equals(bytes)).toBe(true);
    expect(lstatSync(`${store.paths.imageContent}/${hexOf(id)}`).mode & 0o777).toBe(0o600);
    expect(readdirSync(store.paths.imageMetadata)).toEqual([]);
    store.images.setParent(id, digestOf('parent'));
    store.images.setBuiltLocally(id);
    store.images.setLastUpdated(id, '2026-01-02T03:04:05.6Z');
    const dir = `${store.paths.imageMetadata}/${hexOf(id)}`;
    expect(readFileSync(`${dir}/parent`, 'utf8')).toBe(digestOf('parent'));
    expect([...readFileSync(`${dir}/builtLocally`)]).toEqual([1]);
    expect(readFileSync(`${dir}/lastUpdated`, 'utf8')).toBe('2026-01-02T03:04:05.6Z');
    expect(lstatSync(dir).mode & 0o777).toBe(0o700);
    expect(lstatSync(`${dir}/parent`).mode & 0o777).toBe(0o600);
    expect([store.images.parent(id), store.images.builtLocally(id)]).toEqual([digestOf('parent'), true]);
  });

  it('refuses an image whose layer is not there, or with more rows than layers', () => {
    const store = withLayer();
    expect(() => store.images.create(config([digestOf('other')], 1))).toThrow(/layer does not exist/);
    expect(() => store.images.create(config([diffId], 2))).toThrow('too many non-empty layers in History section');
    expect(store.images.list()).toEqual([]);
  });

  it('never hands out content that does not have its digest', () => {
    const store = withLayer();
    const id = store.images.create(config([diffId], 1));
    writeFileSync(`${store.paths.imageContent}/${hexOf(id)}`, config([diffId], 0));
    expect(() => store.images.get(id)).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
    expect(() => openStore(store.dataRoot, { mode: 'read' }).images.config(id)).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
  });

  it('forgets an image with its metadata', () => {
    const store = withLayer();
    const id = store.images.create(config([diffId], 1));
    store.images.setBuiltLocally(id);
    expect(store.images.remove(id)).toBe(true);
    expect(store.images.remove(id)).toBe(false);
    expect(readdirSync(store.paths.imageContent)).toEqual([]);
    expect(readdirSync(store.paths.imageMetadata)).toEqual([]);
  });
});
