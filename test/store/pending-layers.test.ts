import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chainId, digestOf, hexOf } from '../../src/formats/digest.ts';
import { newIdentityId } from '../../src/formats/ids.ts';
import type { BuiltLayer } from '../../src/store/built-layer.ts';
import { openPendingLayers, type PendingLayers, pendingCacheIds } from '../../src/store/pending-layers.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

function layerOf(text: string): BuiltLayer {
  const diffId = digestOf(Buffer.from(text));
  return {
    chainId: chainId(undefined, diffId),
    diffId,
    parent: undefined,
    cacheId: newIdentityId(),
    size: 1,
    created: '',
  };
}

function opened() {
  const { paths } = openStore(tempFolder(), { mode: 'write' });
  const folder = `${paths.own}/cache/layers`;
  /** As if the host had been started again since. */
  const startAgain = (): void => {
    for (const name of readdirSync(folder)) {
      const file = `${folder}/${name}/layer.json`;
      const record = JSON.parse(readFileSync(file, 'utf8'));
      if (record.boot !== undefined) writeFileSync(file, JSON.stringify({ ...record, boot: 'an earlier one' }));
    }
  };
  return { paths, pending: openPendingLayers(paths), startAgain };
}

function putTwo(pending: PendingLayers): readonly [BuiltLayer, BuiltLayer] {
  const [flushed, loose] = [layerOf('flushed'), layerOf('loose')];
  pending.put(flushed, Buffer.from('a'));
  pending.put(loose, Buffer.from('b'), false);
  return [flushed, loose];
}

describe('pending layers', () => {
  // A data-root of others may hold anything: opening a fifo as a file would wait for ever for who writes into it.
  it('are none where a fifo or far too large a file stands for a record', () => {
    const { paths, pending } = opened();
    const [flushed, loose] = putTwo(pending);
    const [one, other] = [flushed, loose].map(
      ({ chainId }) => `${paths.own}/cache/layers/${hexOf(chainId)}/layer.json`,
    );
    rmSync(one as string);
    execFileSync('mkfifo', [one as string]);
    writeFileSync(other as string, 'x'.repeat(100_000));
    expect([flushed, loose].map(({ chainId }) => pending.get(chainId))).toEqual([undefined, undefined]);
  });

  it('are all there as long as the host runs', () => {
    const { pending } = opened();
    const [flushed, loose] = putTwo(pending);
    expect([flushed, loose].map(({ chainId }) => pending.get(chainId))).toEqual([flushed, loose]);
    expect([flushed, loose].map(({ chainId }) => pending.isFlushed(chainId))).toEqual([true, false]);
  });

  it('that were not flushed are none after a start of the host, but their folders are known still', () => {
    const { paths, pending, startAgain } = opened();
    const [flushed, loose] = putTwo(pending);
    startAgain();
    expect(pending.get(flushed.chainId)).toEqual(flushed);
    expect(pending.get(loose.chainId)).toBeUndefined();
    expect(pendingCacheIds(paths).sort()).toEqual([flushed.cacheId, loose.cacheId].sort());
    pending.settle(new Set([loose.cacheId]));
    expect(pending.get(loose.chainId)).toBeUndefined();
  });

  it.each([
    ['few', 30],
    ['many more than are asked for', 700],
  ])('are found among others, of %s', (_, count) => {
    const { pending } = opened();
    const kept = Array.from({ length: count }, (_, i) => layerOf(`kept ${i}`));
    for (const layer of kept) pending.put(layer, Buffer.from('a'));
    const asked = [...Array.from({ length: 20 }, (_, i) => layerOf(`new ${i}`)), ...kept.slice(3, 8)];
    expect(pending.among(asked)).toEqual(kept.slice(3, 8));
    expect(pending.among(kept)).toEqual(kept);
  });

  it('stay when they were flushed in between, and no others do', () => {
    const { pending, startAgain } = opened();
    const [, loose] = putTwo(pending);
    const other = layerOf('other');
    pending.put(other, Buffer.from('c'), false);
    pending.settle(new Set([loose.cacheId]));
    startAgain();
    expect(pending.get(loose.chainId)).toEqual(loose);
    expect(pending.tarSplit(loose.chainId).toString()).toBe('b');
    expect(pending.get(other.chainId)).toBeUndefined();
  });
});
