import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { load } from '../../../src/engine/load.ts';
import { digestOf, hexOf } from '../../../src/formats/digest.ts';
import { TAR_END } from '../../../src/formats/tar-header.ts';
import { openStore } from '../../../src/store/store.ts';
import { checkStore, checkTidy } from '../../store/check-store.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';
import { fixtureBytes, fixtureIds, fixturePath } from './fixture-archive.ts';
import { archiveOf, imageArchive } from './make-archive.ts';

afterEach(removeTempFolders);

const root = (): string => `${tempFolder()}/root`;

async function loadBytes(dataRoot: string, bytes: Buffer) {
  const input = `${tempFolder()}/archive`;
  writeFileSync(input, bytes);
  return load({ dataRoot, input });
}

describe('load', () => {
  // As Docker 28.5 printed it for this archive.
  it('loads several images with their names and parent', async () => {
    const dataRoot = root();
    const { loaded } = await load({ dataRoot, input: fixturePath('several') });
    expect(loaded).toEqual(
      ['h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1'].map((value) => ({ kind: 'name', value })),
    );
    const store = openStore(dataRoot, { mode: 'read' });
    expect(store.images.list().sort()).toEqual(Object.values(fixtureIds).sort());
    expect(store.images.parent(fixtureIds.child)).toBe(fixtureIds.classic);
    expect(readdirSync(store.paths.imageMetadata)).toEqual([hexOf(fixtureIds.child)]);
    await checkStore(dataRoot);
    checkTidy(dataRoot);
  });

  it('says the id of an image without a name', async () => {
    const { loaded } = await load({ dataRoot: root(), input: fixturePath('untagged') });
    expect(loaded).toEqual([{ kind: 'id', value: fixtureIds.classic }]);
  });

  it('loads the layout of Docker up to 24', async () => {
    const dataRoot = root();
    const { loaded } = await load({ dataRoot, input: fixturePath('legacy') });
    expect(loaded.map(({ value }) => value).sort()).toEqual(['h5fx:b', 'h5fx:classic']);
    await checkStore(dataRoot);
  });

  it('loads an uncompressed archive, and the same again without any new layer', async () => {
    const dataRoot = root();
    await loadBytes(dataRoot, fixtureBytes('child'));
    const before = openStore(dataRoot, { mode: 'read' }).overlay.list().sort();
    await loadBytes(dataRoot, fixtureBytes('child'));
    expect(openStore(dataRoot, { mode: 'read' }).overlay.list().sort()).toEqual(before);
  });

  it('loads layers that are compressed one by one, and layers behind links', async () => {
    const dataRoot = root();
    const { layer, config, files } = imageArchive();
    const links = [
      ['config.json', config],
      ['a/layer.tar', gzipSync(layer)],
      ['b/layer.tar', { link: '../a/layer.tar' }],
      [
        'manifest.json',
        Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: ['z:1'], Layers: ['b/layer.tar'] }])),
      ],
    ] as const;
    expect(files.length).toBeGreaterThan(0);
    const { loaded } = await loadBytes(dataRoot, archiveOf(links));
    expect(loaded).toEqual([{ kind: 'name', value: 'z:1' }]);
    const store = openStore(dataRoot, { mode: 'read' });
    expect(store.images.list()).toEqual([digestOf(config)]);
    expect(store.layers.list().map(({ diffId }) => diffId)).toEqual([digestOf(layer)]);
  });

  it('moves a name that stood for another image', async () => {
    const dataRoot = root();
    await load({ dataRoot, input: fixturePath('classic') });
    const { config, files } = imageArchive({ name: 'h5fx:classic' });
    await loadBytes(dataRoot, archiveOf(files));
    const store = openStore(dataRoot, { mode: 'read' });
    expect(store.references.list().map(({ id }) => id)).toEqual([digestOf(config)]);
    expect(store.images.has(fixtureIds.classic)).toBe(true);
  });

  it('tells its progress', async () => {
    const seen = new Set<string>();
    await load({ dataRoot: root(), input: fixturePath('classic'), onProgress: ({ layer }) => seen.add(layer) });
    expect([...seen].every((layer) => /^[0-9a-f]{12}$/.test(layer))).toBe(true);
    expect(seen.size).toBe(2);
  });

  for (const [what, change, code] of [
    ['no manifest.json', { 'manifest.json': undefined }, 'LL_ARCHIVE'],
    ['a null manifest', { 'manifest.json': Buffer.from('null') }, 'LL_ARCHIVE'],
    ['a manifest that is no list', { 'manifest.json': Buffer.from('{}') }, 'LL_ARCHIVE'],
    ['a malformed manifest', { 'manifest.json': Buffer.from('[{"Config":') }, 'LL_JSON'],
    ['no config', { 'config.json': undefined }, 'LL_ARCHIVE'],
    ['a config that is no JSON', { 'config.json': Buffer.from('?') }, 'LL_JSON'],
    ['no layer', { 'layer.tar': undefined }, 'LL_ARCHIVE'],
    ['another layer', { 'layer.tar': TAR_END }, 'LL_DIGEST'],
  ] as const) {
    it(`refuses an archive with ${what}, and leaves nothing`, async () => {
      const dataRoot = root();
      const files = imageArchive().files.flatMap(([name, content]) => {
        const changed: Readonly<Record<string, Buffer | undefined>> = change;
        if (!(name in changed)) return [[name, content] as const];
        const replaced = changed[name];
        return replaced === undefined ? [] : [[name, replaced] as const];
      });
      await expect(loadBytes(dataRoot, archiveOf(files))).rejects.toMatchObject({ code });
      const store = openStore(dataRoot, { mode: 'read' });
      expect([store.images.list(), store.layers.list(), store.overlay.list()]).toEqual([[], [], []]);
      checkTidy(dataRoot);
    });
  }

  it('refuses what is no archive', async () => {
    await expect(loadBytes(root(), Buffer.from('hello, world'))).rejects.toMatchObject({ code: 'LL_TAR' });
    await expect(load({ dataRoot: root(), input: '/no/such/file' })).rejects.toMatchObject({ code: 'LL_IO' });
  });
});

describe('an archive that breaks off', () => {
  it('is refused at every length, or holds all that it needs', async () => {
    const whole = fixtureBytes('classic');
    for (let length = 700; length < whole.length - 2048; length += 2311) {
      const dataRoot = root();
      await expect(loadBytes(dataRoot, whole.subarray(0, length))).rejects.toMatchObject({ name: 'LayerlabError' });
      expect(openStore(dataRoot, { mode: 'read' }).images.list()).toEqual([]);
      expect(readFileSync(`${dataRoot}/image/overlay2/repositories.json`, 'utf8')).toBe('{"Repositories":{}}');
    }
  });
});
