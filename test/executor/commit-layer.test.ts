import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BuildEnv } from '../../src/executor/build-env.ts';
import { holdKnownLayer } from '../../src/executor/commit-layer.ts';
import { chainId, digestOf, hexOf } from '../../src/formats/digest.ts';
import { newIdentityId } from '../../src/formats/ids.ts';
import type { BuiltLayer } from '../../src/store/built-layer.ts';
import { openPendingLayers } from '../../src/store/pending-layers.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

/** A data-root with a layer, as a record of the build cache knows it. */
function withLayer() {
  const store = openStore(tempFolder(), { mode: 'write' });
  const diffId = digestOf('layer');
  const cacheId = newIdentityId();
  store.overlay.createSnapshot({ cacheId, parentCacheId: undefined });
  store.layers.register({ diffId, parent: undefined, cacheId, size: 5, tarSplit: Buffer.alloc(0) });
  const known: BuiltLayer = {
    ...{ chainId: chainId(undefined, diffId), diffId, parent: undefined, cacheId, size: 5 },
    created: '2026-01-02T03:04:05.6Z',
  };
  const env = { store, pending: openPendingLayers(store.paths) } as unknown as BuildEnv;
  const hold = (): BuiltLayer | undefined => holdKnownLayer(env, known);
  const held = (): readonly string[] => [...store.lock(() => store.leases().held)];
  return { store, known, record: `${store.paths.layers}/${hexOf(known.chainId)}`, hold, held };
}

describe('holdKnownLayer', () => {
  it('holds a layer that is as it was', () => {
    const { known, hold, held } = withLayer();
    expect(hold()).toEqual(known);
    expect(held()).toContain(known.chainId);
  });

  it('gives the snapshot that the chain has now, and what its record says', () => {
    const { store, known, record, hold, held } = withLayer();
    const other = newIdentityId();
    store.overlay.createSnapshot({ cacheId: other, parentCacheId: undefined });
    writeFileSync(`${record}/cache-id`, other);
    writeFileSync(`${record}/size`, '6');
    expect(hold()).toMatchObject({ chainId: known.chainId, cacheId: other, size: 6 });
    expect(held()).toContain(known.chainId);
  });

  it('finds none where its files or its record are gone', () => {
    const { store, known, record, hold, held } = withLayer();
    store.overlay.removeSnapshot(known.cacheId);
    expect(hold()).toBeUndefined();
    expect(held()).not.toContain(known.chainId);
    store.overlay.createSnapshot({ cacheId: known.cacheId, parentCacheId: undefined });
    expect(hold()).toEqual(known);
    rmSync(record, { recursive: true });
    expect(hold()).toBeUndefined();
  });
});
