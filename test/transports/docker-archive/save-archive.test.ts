import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { load } from '../../../src/engine/load.ts';
import { save } from '../../../src/engine/save.ts';
import { openStore } from '../../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';
import { type FixtureName, fixtureBytes, fixtureIds, fixturePath } from './fixture-archive.ts';

afterEach(removeTempFolders);

async function loaded(...names: readonly FixtureName[]): Promise<string> {
  const root = `${tempFolder()}/root`;
  for (const name of names) await load({ dataRoot: root, input: fixturePath(name) });
  return root;
}

async function saved(dataRoot: string, ...images: readonly string[]): Promise<Buffer> {
  const output = `${tempFolder()}/saved.tar`;
  await save({ dataRoot, images, output });
  return readFileSync(output);
}

/**
 * `blobs/sha256/` is the second entry, and its time is that of the saving in the daemon's archives: take it, and the
 * checksum over it, out of both.
 */
function withoutSavingTime(archive: Buffer): Buffer {
  expect(archive.toString('latin1', 512, 525)).toBe('blobs/sha256/');
  const copy = Buffer.from(archive);
  copy.fill(0, 512 + 136, 512 + 156);
  return copy;
}

describe('save', () => {
  for (const [fixture, images] of [
    ['classic', ['h5fx:classic']],
    ['child', ['h5fx:child']],
    ['buildkit', ['h5fx:buildkit']],
    ['several', ['h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1']],
    ['untagged', [fixtureIds.classic]],
  ] as const) {
    it(`writes what docker save 28.5 wrote, byte for byte: ${fixture}`, async () => {
      const archive = await saved(await loaded('several', 'untagged'), ...images);
      expect(withoutSavingTime(archive).equals(withoutSavingTime(fixtureBytes(fixture)))).toBe(true);
    });
  }

  it('gives the same archive each time, to a file and to a stream', async () => {
    const root = await loaded('several');
    const stream = new PassThrough({ highWaterMark: 1000 });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    await save({ dataRoot: root, images: ['h5fx:child'], output: stream });
    expect(Buffer.concat(chunks).equals(await saved(root, 'h5fx:child'))).toBe(true);
  });

  it('takes a name without a tag for all its tags, and an id for no name', async () => {
    const root = await loaded('several');
    const all = await saved(root, 'h5fx');
    expect(all.equals(await saved(root, 'h5fx:buildkit', 'h5fx:child', 'h5fx:classic'))).toBe(true);
    expect(manifestOf(await saved(root, fixtureIds.child.slice(7, 19)))).toMatchObject([{ RepoTags: null }]);
  });

  it('says so where an image is not there, and leaves the file of that name as it was', async () => {
    const root = await loaded('classic');
    const output = `${tempFolder()}/x.tar`;
    writeFileSync(output, 'before');
    for (const image of ['h5fx:nope', 'nope', fixtureIds.buildkit]) {
      await expect(save({ dataRoot: root, images: [image], output })).rejects.toMatchObject({ code: 'LL_NOT_FOUND' });
    }
    expect(readFileSync(output, 'utf8')).toBe('before');
  });

  it('finds out that a file of a layer was changed, and leaves no archive', async () => {
    const root = await loaded('classic');
    const store = openStore(root, { mode: 'read' });
    const [file] = store.layers
      .list()
      .map(({ cacheId }) => `${store.overlay.diffPath(cacheId)}/a.txt`)
      .filter(exists);
    writeFileSync(file ?? '', 'ALPHA\n');
    const folder = tempFolder();
    await expect(save({ dataRoot: root, images: ['h5fx:classic'], output: `${folder}/x.tar` })).rejects.toMatchObject({
      code: 'LL_CORRUPT',
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

function exists(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

function manifestOf(archive: Buffer): unknown {
  const at = archive.indexOf('manifest.json\0');
  const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
  return JSON.parse(archive.toString('utf8', at + 512, at + 512 + size));
}
