import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { check } from '../../src/engine/check.ts';
import { remove } from '../../src/engine/remove.ts';
import { repair } from '../../src/engine/repair.ts';
import { tag } from '../../src/engine/tag.ts';
import type { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { openStore } from '../../src/store/store.ts';
import { checkStore } from '../store/check-store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

const layersOf = (root: string): string => `${root}/image/overlay2/layerdb/sha256`;

async function found(dataRoot: string, full = false): Promise<string[]> {
  const { damages } = await check({ dataRoot, full, settle: 0 });
  return damages.map(({ id }) => id);
}

/** The layer that is only the child's. */
const CHILD_LAYER = '7c094bdceeb8f5978e6a770c4dfe785165a2a1fd3d8665147ad33d080d8bf3de';

describe('check', () => {
  it.each(['classic', 'buildkit', 'several', 'untagged', 'legacy'] as const)(
    'finds nothing after load: %s',
    async (name) => {
      const dataRoot = await loadedRoot(name);
      expect(await found(dataRoot, true)).toEqual([]);
      const store = openStore(dataRoot, { mode: 'read' });
      const [first = ''] = store.images.list();
      tag({ dataRoot, source: first, target: 'check/one' });
      remove({ dataRoot, images: ['check/one'], force: true });
      expect(await found(dataRoot, true)).toEqual([]);
    },
  );

  it('takes an empty folder for a data-root without images, and nothing else', async () => {
    const folder = tempFolder();
    expect(await found(folder)).toEqual([]);
    writeFileSync(`${folder}/letter`, '');
    await expect(check({ dataRoot: folder })).rejects.toMatchObject({ code: 'LL_DATA_ROOT' });
    await expect(check({ dataRoot: `${folder}/no` })).rejects.toMatchObject({ code: 'LL_DATA_ROOT' });
  });

  it('writes nothing', async () => {
    const dataRoot = await loadedRoot('several');
    rmSync(`${dataRoot}/layerlab`, { recursive: true });
    await check({ dataRoot, full: true, settle: 0 });
    expect(existsSync(`${dataRoot}/layerlab`)).toBe(false);
  });

  it('names the images that a lost layer takes along', async () => {
    const dataRoot = await loadedRoot('several');
    rmSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/cache-id`);
    const { damages } = await check({ dataRoot, settle: 0 });
    const lost = damages.find(({ id }) => id === 'cache-id-missing');
    expect(lost?.images).toEqual(['h5fx:child']);
    expect(lost?.where).toBe(`image/overlay2/layerdb/sha256/${CHILD_LAYER}/cache-id`);
  });

  it('reads no file through a link that leads out of its layer', async () => {
    const dataRoot = await loadedRoot('classic');
    const outside = tempFolder();
    const store = openStore(dataRoot, { mode: 'read' });
    for (const { cacheId } of store.layers.list()) {
      const diff = store.overlay.diffPath(cacheId);
      const folder = readdirSync(diff, { withFileTypes: true }).find((entry) => entry.isDirectory());
      if (folder === undefined) continue;
      rmSync(`${diff}/${folder.name}`, { recursive: true });
      symlinkSync(outside, `${diff}/${folder.name}`);
    }
    const ids = new Set(await found(dataRoot, true));
    expect([...ids]).toEqual(['content-missing']);
  });

  it('says that a file was changed, missing or replaced', async () => {
    const dataRoot = await loadedRoot('classic');
    const store = openStore(dataRoot, { mode: 'read' });
    const files = store.layers
      .list()
      .flatMap(({ cacheId }) =>
        readdirSync(store.overlay.diffPath(cacheId), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => `${entry.parentPath}/${entry.name}`),
      )
      .filter((path) => readFileSync(path).length > 0);
    const [file = ''] = files;
    writeFileSync(file, Buffer.alloc(readFileSync(file).length, 7));
    expect(await found(dataRoot, true)).toEqual(['content-changed']);
    expect(await found(dataRoot)).toEqual([]);
  });
});

describe('repair', () => {
  it('does nothing unless told to', async () => {
    const dataRoot = await loadedRoot('several');
    rmSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/parent`);
    const { mends, written } = await repair({ dataRoot });
    expect({ written, actions: mends.map(({ action, damage }) => [action, damage]) }).toEqual({
      written: false,
      actions: [['write', 'parent-missing']],
    });
    expect(existsSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/parent`)).toBe(false);
    expect(existsSync(`${dataRoot}/layerlab-quarantine`)).toBe(false);
  });

  it('derives again what others know', async () => {
    const dataRoot = await loadedRoot('several');
    const dir = `${layersOf(dataRoot)}/${CHILD_LAYER}`;
    const before = readdirSync(dir).map((name) => [name, readFileSync(`${dir}/${name}`, 'latin1')]);
    for (const name of ['diff', 'size', 'parent']) rmSync(`${dir}/${name}`);
    const { remaining } = await repair({ dataRoot, write: true });
    expect(remaining).toEqual([]);
    expect(readdirSync(dir).map((name) => [name, readFileSync(`${dir}/${name}`, 'latin1')])).toEqual(before);
    await checkStore(dataRoot);
  });

  it('puts a lost image away so that it can be put back', async () => {
    const dataRoot = await loadedRoot('several');
    const dir = `${layersOf(dataRoot)}/${CHILD_LAYER}`;
    rmSync(`${dir}/cache-id`);
    const { remaining, quarantine } = await repair({ dataRoot, write: true });
    expect(remaining).toEqual([]);
    expect((await checkStore(dataRoot)).images.sort()).toEqual([fixtureIds.buildkit, fixtureIds.classic]);
    const manifest = JSON.parse(readFileSync(`${dataRoot}/${quarantine}/manifest.json`, 'utf8')) as {
      entries: { action: string; where: string; to?: string }[];
      putBack: string[];
    };
    const moved = manifest.entries.filter(({ action }) => action === 'quarantine');
    expect(moved.map(({ where }) => where)).toContain(
      `image/overlay2/imagedb/content/sha256/${fixtureIds.child.slice(7)}`,
    );
    for (const { to = '' } of moved) expect(existsSync(`${dataRoot}/${to}`)).toBe(true);
    expect(manifest.putBack.length).toBeGreaterThanOrEqual(moved.length);
  });

  it('keeps files that a lost record may have named', async () => {
    const dataRoot = await loadedRoot('several');
    const cacheId = readFileSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/cache-id`, 'latin1');
    rmSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/cache-id`);
    const { quarantine } = await repair({ dataRoot, write: true });
    const kept = readdirSync(`${dataRoot}/layerlab-quarantine`).some((folder) =>
      existsSync(`${dataRoot}/layerlab-quarantine/${folder}/overlay2/${cacheId}/diff`),
    );
    expect({ kept, quarantine: quarantine !== undefined }).toEqual({ kept: true, quarantine: true });
  });

  it('refuses beside another layerlab that is at work', async () => {
    const dataRoot = await loadedRoot('several');
    const other = openStore(dataRoot, { mode: 'write' });
    other.lease().hold([fixtureIds.child]);
    rmSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/parent`);
    await expect(repair({ dataRoot, write: true })).rejects.toMatchObject({ code: 'LL_BUSY' });
    other.close();
    expect((await repair({ dataRoot, write: true })).remaining).toEqual([]);
  });

  it('never moves what lies behind a link', async () => {
    const dataRoot = await loadedRoot('classic');
    const outside = tempFolder();
    mkdirSync(`${outside}/precious`);
    symlinkSync(outside, `${dataRoot}/overlay2/not an id`);
    expect(await found(dataRoot)).toEqual(['snapshot-id-invalid']);
    await repair({ dataRoot, write: true });
    expect(await found(dataRoot)).toEqual([]);
    expect(readdirSync(outside)).toEqual(['precious']);
  });
});

describe('repair of a hostile data-root', () => {
  it.each(['layerdb', 'overlay2', 'layerdb/sha256', 'metadata'])('writes nothing behind a link: %s', async (place) => {
    const dataRoot = await loadedRoot('several');
    const outside = tempFolder();
    const cacheId = readFileSync(`${layersOf(dataRoot)}/${CHILD_LAYER}/cache-id`, 'latin1');
    const path = {
      layerdb: `${layersOf(dataRoot)}/${CHILD_LAYER}`,
      overlay2: `${dataRoot}/overlay2/${cacheId}`,
      'layerdb/sha256': layersOf(dataRoot),
      metadata: `${dataRoot}/image/overlay2/imagedb/metadata/sha256/${fixtureIds.child.slice(7)}`,
    }[place] as string;
    // What lies there asks to be mended: a record without its size, a snapshot without its lower file.
    cpSync(path, `${outside}/there`, { recursive: true });
    rmSync(path, { recursive: true });
    for (const name of ['size', 'lower', `${CHILD_LAYER}/size`]) rmSync(`${outside}/there/${name}`, { force: true });
    writeFileSync(`${outside}/there/parent`, 'no id');
    symlinkSync(`${outside}/there`, path);
    const before = readdirSync(outside, { recursive: true }).sort();
    await repair({ dataRoot, write: true }).catch((error: LayerlabError) => expect(error.code).toBe('LL_BREAKOUT'));
    expect(readdirSync(outside, { recursive: true }).sort()).toEqual(before);
    expect(readFileSync(`${outside}/there/parent`, 'utf8')).toBe('no id');
  });
});

describe('docs/DAMAGES.md', () => {
  it('is what scripts/make-damages-doc.js makes of the catalogue', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/make-damages-doc.js', '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
