import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { imageArchive } from '../transports/docker-archive/make-archive.ts';
import { loadHostile } from './load-hostile.ts';

afterEach(removeTempFolders);

const { layer, config } = imageArchive();

function archive(configName: string, layerName: string, more: Parameters<typeof loadHostile>[0] = []) {
  const manifest = JSON.stringify([{ Config: configName, RepoTags: ['x:1'], Layers: [layerName] }]);
  return [['c.json', config], ['layer.tar', layer], ...(more as []), ['manifest.json', Buffer.from(manifest)]] as const;
}

describe('S05: paths in an image archive', () => {
  it('names in manifest.json are names in the archive, and no files of the host', async () => {
    const folder = tempFolder();
    writeFileSync(`${folder}/c.json`, config);
    writeFileSync(`${folder}/layer.tar`, layer);
    expect((await loadHostile(archive(`${folder}/c.json`, 'layer.tar'))).code).toBe('LL_ARCHIVE');
    expect((await loadHostile(archive('c.json', `${folder}/layer.tar`))).code).toBe('LL_ARCHIVE');
    expect((await loadHostile(archive('../../c.json', 'layer.tar'))).code).toBe('LL_BREAKOUT');
    expect((await loadHostile(archive('c.json', '../layer.tar'))).code).toBe('LL_BREAKOUT');
  });

  it('a link that leads out of the archive is refused', async () => {
    for (const link of ['../../../../etc/passwd', '..']) {
      expect((await loadHostile(archive('c.json', 'l', [['l', { link }]] as never))).code).toBe('LL_BREAKOUT');
    }
    expect((await loadHostile(archive('c.json', 'l', [['l', { link: '/etc/passwd' }]] as never))).code).toBe(
      'LL_ARCHIVE',
    );
  });

  it('links that run in a circle are refused', async () => {
    const circle = [
      ['l', { link: 'm' }],
      ['m', { link: 'l' }],
    ] as never;
    expect((await loadHostile(archive('c.json', 'l', circle))).code).toBe('LL_ARCHIVE');
  });

  it('a layer that is a link to another file is read, and then is not what the config says', async () => {
    expect((await loadHostile(archive('c.json', 'l', [['l', { link: 'c.json' }]] as never))).code).toMatch(
      /LL_TAR|LL_DIGEST/,
    );
  });

  it('names and tags out of grammar are refused before anything is stored', async () => {
    for (const name of ['UPPER:1', 'x', '../x:1', 'x:..', `x@sha256:${'a'.repeat(64)}`]) {
      const { files } = imageArchive({ name });
      const { code, store } = await loadHostile(files);
      expect(code).toBe('LL_REFERENCE');
      expect(store.layers.list()).toEqual([]);
    }
  });

  it('a parent that is none is refused', async () => {
    const other = Buffer.from(config.toString().replace('2020', '2021'));
    const items = [
      { Config: 'c.json', RepoTags: ['x:1'], Layers: ['layer.tar'] },
      { Config: 'd.json', RepoTags: ['x:2'], Layers: ['layer.tar'], Parent: '' },
    ];
    const { digestOf } = await import('../../src/formats/digest.ts');
    const linked = [items[0], { ...items[1], Parent: digestOf(config) }];
    const { store, code } = await loadHostile([
      ['c.json', config],
      ['d.json', other],
      ['layer.tar', layer],
      ['manifest.json', Buffer.from(JSON.stringify(linked))],
    ]);
    expect(code).toBe('LL_ARCHIVE');
    expect(store.images.parent(digestOf(other))).toBeUndefined();
  });
});
