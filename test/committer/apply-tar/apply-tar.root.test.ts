import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { applyTar } from '../../../src/committer/apply-tar.ts';
import { LayerlabError } from '../../../src/errors/layerlab-error.ts';
import { openStore } from '../../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';
import { applyToFresh, listTree, pieces, xattrsOf } from './apply-case.ts';
import { type DaemonFile, daemonCase, daemonCases } from './daemon-cases.ts';

afterEach(removeTempFolders);

const OVERLAY_CONTROL = /^(?:trusted|user)\.overlay\./;
/** Here the daemon takes overlay's own attributes from the archive, and we deliberately do not: see test/security. */
const TAKES_CONTROL = new Set(['xattrs']);

function withoutControl(files: readonly DaemonFile[] | undefined): DaemonFile[] {
  return (files ?? []).map(({ xattrs, ...file }) => {
    const kept = Object.entries(xattrs ?? {}).filter(([name]) => !OVERLAY_CONTROL.test(name));
    return kept.length === 0 ? file : { ...file, xattrs: Object.fromEntries(kept) };
  });
}

describe('a tar that the daemon took', () => {
  for (const one of daemonCases.filter(({ error }) => error === undefined)) {
    it(`${one.name}: the same files, size, digest and tar-split`, async () => {
      const { layer, diff, store } = await applyToFresh(one.tar, 10_007);
      const timed = new Set((one.files ?? []).filter(({ mtime }) => mtime !== undefined).map(({ path }) => path));
      const expected = TAKES_CONTROL.has(one.name) ? withoutControl(one.files) : one.files;
      expect(listTree(diff, timed)).toEqual(expected);
      expect(xattrsOf(diff)).toEqual(one.rootXattrs ?? {});
      expect(layer).toMatchObject({ diffId: one.diffId, chainId: one.diffId, size: one.size, parent: undefined });
      const split = gunzipSync(readFileSync(store.layers.tarSplitPath(layer.chainId)));
      expect(split.toString('latin1')).toBe(one.tarSplit?.toString('latin1'));
    });
  }
});

describe('a tar that the daemon refused', () => {
  for (const one of daemonCases.filter(({ error }) => error !== undefined)) {
    it(`${one.name}: is refused, and nothing is left`, async () => {
      const root = tempFolder();
      const store = openStore(root, { mode: 'write' });
      await expect(applyTar({ store, chunks: [one.tar] })).rejects.toBeInstanceOf(LayerlabError);
      expect(store.overlay.list()).toEqual([]);
      expect(store.layers.list()).toEqual([]);
      expect(readdirSync(store.paths.links)).toEqual([]);
      expect(readdirSync(store.paths.tmp)).toEqual([]);
      store.close();
    });
  }
});

describe('applyTar', () => {
  it('gives the same layer whatever the size of the pieces', async () => {
    const { tar, diffId } = daemonCase('times');
    for (const size of [1, 511, 512, 513, 4096]) {
      const { layer } = await applyToFresh(tar, size);
      expect(layer.diffId).toBe(diffId);
    }
  });

  it('leaves nothing of a layer with another digest', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const expectedDiffId = `sha256:${'0'.repeat(64)}` as const;
    await expect(applyTar({ store, chunks: [daemonCase('abs').tar], expectedDiffId })).rejects.toMatchObject({
      code: 'LL_DIGEST',
    });
    expect(store.overlay.list()).toEqual([]);
    expect(store.layers.list()).toEqual([]);
    store.close();
  });

  it('does not read the tar of a layer that is there', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const { tar } = daemonCase('abs');
    const layer = await applyTar({ store, chunks: [tar] });
    const unread = function* (): Generator<Buffer> {
      yield Buffer.alloc(0);
      throw new Error('was read');
    };
    const again = await applyTar({ store, chunks: unread(), expectedDiffId: layer.diffId });
    expect(again).toEqual(layer);
    expect(store.overlay.list()).toEqual([layer.cacheId]);
    store.close();
  });

  it('keeps the first of two equal layers, and no second snapshot', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const { tar } = daemonCase('abs');
    const first = await applyTar({ store, chunks: [tar] });
    expect(await applyTar({ store, chunks: [tar] })).toEqual(first);
    expect(store.overlay.list()).toEqual([first.cacheId]);
    store.close();
  });

  it('stacks a layer on its parent', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const base = await applyTar({ store, chunks: [daemonCase('abs').tar] });
    const top = await applyTar({ store, chunks: pieces(daemonCase('suid').tar, 1000), parent: base.chainId });
    expect(top.parent).toBe(base.chainId);
    expect(store.overlay.parentCacheIds(top.cacheId)).toEqual([base.cacheId]);
    store.close();
  });

  it('takes a tar that comes asynchronously', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const { tar, diffId } = daemonCase('implied');
    const source = async function* (): AsyncGenerator<Buffer> {
      yield* pieces(tar, 700);
    };
    expect((await applyTar({ store, chunks: source() })).diffId).toBe(diffId);
    store.close();
  });

  it('refuses a tar that breaks off', async () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    const { tar } = daemonCase('abs');
    await expect(applyTar({ store, chunks: [tar.subarray(0, 512)] })).rejects.toMatchObject({ code: 'LL_TAR' });
    expect(store.overlay.list()).toEqual([]);
    store.close();
  });
});
