import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Digest, digestOf, hexOf } from '../../src/formats/digest.ts';
import { newStringId } from '../../src/formats/ids.ts';
import { parseReference } from '../../src/formats/reference.ts';
import { recordImage } from '../../src/store/record-image.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

const diffId = digestOf('layer');
const CONFIG = Buffer.from(
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    history: [{ created: '2020-01-01T00:00:00Z' }],
    rootfs: { type: 'layers', diff_ids: [diffId] },
  }),
);
const NAMES = [parseReference('one:1'), parseReference('ghcr.io/a/two:2')];
/** What an empty data-root has. */
const NO_NAMES = '{"Repositories":{}}';
const TIME = '2026-01-02T03:04:05.6Z';

function withLayer(): Store {
  const store = openStore(tempFolder(), { mode: 'write' });
  store.layers.register({ diffId, parent: undefined, cacheId: newStringId(), size: 0, tarSplit: Buffer.alloc(0) });
  return store;
}

/** All files of an image and its names: path, mode, bytes. */
function filesOf({ paths }: Store, id: Digest): readonly unknown[] {
  const metadata = `${paths.imageMetadata}/${hexOf(id)}`;
  return [`${paths.imageContent}/${hexOf(id)}`, metadata, `${metadata}/lastUpdated`, paths.repositories].map((path) => {
    if (!existsSync(path)) return undefined;
    const stat = lstatSync(path);
    return [(stat.mode & 0o7777).toString(8), stat.isDirectory() ? readdirSync(path) : readFileSync(path, 'utf8')];
  });
}

const record = (store: Store, names = NAMES): Digest =>
  store.lock(() => recordImage(store, { config: CONFIG, names, tagged: TIME }, [store.paths.layers]));

describe('recordImage', () => {
  it('leaves what recording an image and naming it one after the other leaves', () => {
    const [one, all] = [withLayer(), withLayer()];
    const id = one.images.create(CONFIG);
    one.images.setLastUpdated(id, TIME);
    for (const name of NAMES) one.references.set(name, id);
    expect(record(all)).toBe(id);
    expect(filesOf(all, id)).toEqual(filesOf(one, id));
    expect(filesOf(all, id)).not.toContain(undefined);
    expect(all.references.byImage(id).map(({ reference }) => reference)).toEqual(['one:1', 'ghcr.io/a/two:2']);
  });

  it('names an image that is there, and writes no time for one that gets no name', () => {
    const store = withLayer();
    const id = record(store, []);
    expect(filesOf(store, id).map((file) => file !== undefined)).toEqual([true, false, false, true]);
    expect(readFileSync(store.paths.repositories, 'utf8')).toBe(NO_NAMES);
    const { ino } = lstatSync(`${store.paths.imageContent}/${hexOf(id)}`);
    record(store);
    expect(lstatSync(`${store.paths.imageContent}/${hexOf(id)}`).ino).toBe(ino);
    expect(store.references.byImage(id)).toHaveLength(2);
  });

  it('takes a name from another image', () => {
    const store = withLayer();
    const id = record(store);
    const other = Buffer.from(CONFIG.toString().replace('amd64', 'arm64'));
    const second = store.lock(() => recordImage(store, { config: other, names: NAMES.slice(0, 1), tagged: TIME }, []));
    expect(store.references.byImage(second).map(({ reference }) => reference)).toEqual(['one:1']);
    expect(store.references.byImage(id).map(({ reference }) => reference)).toEqual(['ghcr.io/a/two:2']);
  });

  it('refuses an image whose layer is not there, and leaves nothing of it', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    expect(() => record(store)).toThrow(/layer does not exist/);
    expect(filesOf(store, digestOf(CONFIG))).toEqual([undefined, undefined, undefined, ['600', NO_NAMES]]);
  });

  it('leaves no name and no unfinished file where one cannot be written', () => {
    const store = withLayer();
    const folder = store.paths.repositories.slice(0, store.paths.repositories.lastIndexOf('/'));
    const before = readdirSync(folder);
    const metadata = `${store.paths.imageMetadata}/${hexOf(digestOf(CONFIG))}`;
    // No file can be renamed over a folder.
    mkdirSync(`${metadata}/lastUpdated/in-its-way`, { recursive: true });
    expect(() => record(store)).toThrow(expect.objectContaining({ code: 'LL_IO' }));
    expect(readFileSync(store.paths.repositories, 'utf8')).toBe(NO_NAMES);
    expect(readdirSync(folder)).toEqual(before);
    expect(readdirSync(metadata)).toEqual(['lastUpdated']);
    expect(readdirSync(store.paths.imageContent)).toEqual([hexOf(digestOf(CONFIG))]);
  });
});
