import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { check } from '../../src/engine/check.ts';
import { df } from '../../src/engine/df.ts';
import { explain } from '../../src/engine/explain.ts';
import { gc } from '../../src/engine/gc.ts';
import { prune } from '../../src/engine/prune.ts';
import { pruneCache } from '../../src/engine/prune-cache.ts';
import { openPendingLayers } from '../../src/store/pending-layers.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

const CHILD_LAYER = 'sha256:7c094bdceeb8f5978e6a770c4dfe785165a2a1fd3d8665147ad33d080d8bf3de';

function unname(dataRoot: string, reference: string): void {
  const store = openStore(dataRoot, { mode: 'write' });
  store.references.delete(reference);
  store.close();
}

describe('prune', () => {
  it('takes images without a name only', async () => {
    const dataRoot = await loadedRoot('several');
    expect(prune({ dataRoot, write: true }).records).toEqual([]);
    unname(dataRoot, 'h5fx:child');
    expect(prune({ dataRoot }).images).toEqual([fixtureIds.child]);
    const { records } = prune({ dataRoot, write: true });
    expect(records).toEqual([{ deleted: fixtureIds.child }, { deleted: CHILD_LAYER }]);
    expect((await check({ dataRoot, full: true, settle: 0 })).damages).toEqual([]);
  });

  it('keeps what a build holds and what a container uses', async () => {
    const dataRoot = await loadedRoot('several');
    unname(dataRoot, 'h5fx:child');
    const building = openStore(dataRoot, { mode: 'write' });
    building.lease().hold([fixtureIds.child]);
    expect(prune({ dataRoot, all: true, write: true }).records.filter((row) => 'deleted' in row)).not.toContainEqual({
      deleted: fixtureIds.child,
    });
    building.close();
    const id = 'c'.repeat(64);
    mkdirSync(`${dataRoot}/containers/${id}`, { recursive: true });
    const config = { ID: id, Image: fixtureIds.child, Name: '/c', State: { Running: false } };
    writeFileSync(`${dataRoot}/containers/${id}/config.v2.json`, JSON.stringify(config));
    expect(prune({ dataRoot, write: true }).records).toEqual([]);
  });

  it('knows the filters of docker', async () => {
    const dataRoot = await loadedRoot('several');
    unname(dataRoot, 'h5fx:child');
    expect(prune({ dataRoot, filters: ['label=no-such-label'] }).images).toEqual([]);
    expect(prune({ dataRoot, filters: ['label!=no-such-label'] }).images).toEqual([fixtureIds.child]);
    expect(prune({ dataRoot, filters: ['until=2000-01-01T00:00:00'] }).images).toEqual([]);
    expect(() => prune({ dataRoot, filters: ['colour=red'] })).toThrow("invalid filter 'colour'");
  });
});

describe('gc', () => {
  it('removes layers that no image stands on, and leaves the others', async () => {
    const dataRoot = await loadedRoot('several');
    expect(gc({ dataRoot, write: true })).toMatchObject({ layers: [], leftovers: [] });
    const store = openStore(dataRoot, { mode: 'write' });
    store.references.delete('h5fx:child');
    store.images.remove(fixtureIds.child);
    store.close();
    expect(gc({ dataRoot }).layers.map(({ chainId }) => chainId)).toEqual([CHILD_LAYER]);
    expect(gc({ dataRoot, write: true }).layers.map(({ chainId }) => chainId)).toEqual([CHILD_LAYER]);
    expect((await check({ dataRoot, full: true, settle: 0 })).damages).toEqual([]);
  });

  it('keeps a layer that a running process holds', async () => {
    const dataRoot = await loadedRoot('several');
    const building = openStore(dataRoot, { mode: 'write' });
    building.lease().hold([CHILD_LAYER]);
    building.references.delete('h5fx:child');
    building.images.remove(fixtureIds.child);
    expect(gc({ dataRoot, write: true }).layers).toEqual([]);
    building.close();
    expect(gc({ dataRoot, write: true }).layers).toHaveLength(1);
  });
});

describe('pruneCache', () => {
  async function rootWithMounts(): Promise<string> {
    const dataRoot = await loadedRoot('classic');
    for (const [name, days] of [
      ['old', 10],
      ['young', 1],
    ] as const) {
      const dir = `${dataRoot}/layerlab/cache/mounts/${name}`;
      mkdirSync(dir, { recursive: true });
      writeFileSync(`${dir}/data`, Buffer.alloc(8192));
      const time = Date.now() / 1000 - days * 86_400;
      utimesSync(`${dir}/data`, time, time);
      utimesSync(dir, time, time);
    }
    return dataRoot;
  }

  it('goes by age', async () => {
    const dataRoot = await rootWithMounts();
    const names = (filters: readonly string[]) => pruneCache({ dataRoot, filters }).items.map(({ name }) => name);
    expect(names(['until=48h'])).toEqual(['mounts/old']);
    expect(names([])).toEqual(['mounts/old', 'mounts/young']);
    expect(() => names(['until=soon'])).toThrow('invalid duration');
  });

  it('keeps a twin of a layer that an image stands on', async () => {
    const dataRoot = await loadedRoot('several');
    const store = openStore(dataRoot, { mode: 'write' });
    const child = store.layers.require(CHILD_LAYER);
    const below = store.layers.require(child.parent ?? CHILD_LAYER);
    const lowest = store.layers.require(below.parent ?? below.chainId);
    const twin = store.overlay.createSnapshot({ cacheId: 't'.repeat(25), parentCacheId: lowest.cacheId });
    const lower = readFileSync(`${twin.dir}/lower`, 'utf8');
    openPendingLayers(store.paths).put({ ...below, cacheId: twin.cacheId, created: '' }, Buffer.alloc(0));
    writeFileSync(`${dataRoot}/overlay2/${child.cacheId}/lower`, `l/${twin.link}:${lower}`);
    store.close();
    expect(pruneCache({ dataRoot, all: true, write: true }).items).toEqual([]);
    expect(openStore(dataRoot, { mode: 'read' }).overlay.parentCacheIds(child.cacheId)[0]).toBe(twin.cacheId);
    const explained = await explain({ dataRoot, name: 'h5fx:child' });
    expect(explained.steps.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('keeps the newest where some may stay', async () => {
    const dataRoot = await rootWithMounts();
    const { items, reclaimed } = pruneCache({ dataRoot, keepStorage: 15_000, write: true });
    expect(items.map(({ name }) => name)).toEqual(['mounts/old']);
    expect(reclaimed).toBeGreaterThanOrEqual(8192);
    expect(pruneCache({ dataRoot, keepStorage: 15_000 }).items).toEqual([]);
  });
});

describe('df', () => {
  it('counts every allocated byte once, as du does', async () => {
    const dataRoot = await loadedRoot('several', 'buildkit');
    const { allocated, places, images } = df({ dataRoot });
    const du = Number(execFileSync('du', ['-s', '--block-size=1', dataRoot], { encoding: 'utf8' }).split('\t')[0]);
    expect(allocated).toBe(du);
    expect(places.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(allocated);
    const child = images.find(({ id }) => id === fixtureIds.child);
    expect(child?.shared).toBeGreaterThan(0);
    expect((child?.shared ?? 0) + (child?.unique ?? 0)).toBe(child?.size);
  });
});
