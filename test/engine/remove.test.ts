import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type RemoveOptions, remove } from '../../src/engine/remove.ts';
import { tag } from '../../src/engine/tag.ts';
import { digestOf, hexOf } from '../../src/formats/digest.ts';
import { openStore } from '../../src/store/store.ts';
import { checkStore, checkTidy } from '../store/check-store.ts';
import { removeTempFolders } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

const short = (id: string): string => id.slice(7, 19);

/** What docker prints: one line a record, then the errors. */
function rmi(dataRoot: string, images: readonly string[], options: Partial<RemoveOptions> = {}): string[] {
  const { records, errors } = remove({ dataRoot, images, ...options });
  const lines = records.map((record) =>
    'untagged' in record ? `Untagged: ${record.untagged}` : `Deleted: ${record.deleted}`,
  );
  return [...lines, ...errors.map(({ message }) => message)];
}

function addContainer(dataRoot: string, image: string, running: boolean): string {
  const id = hexOf(digestOf(`container ${running}`));
  mkdirSync(`${dataRoot}/containers/${id}`, { recursive: true });
  const config = { State: { Running: running }, ID: id, Image: image, Name: '/c' };
  writeFileSync(`${dataRoot}/containers/${id}/config.v2.json`, `${JSON.stringify(config)}\n`);
  return id;
}

describe('remove', () => {
  // This is what Docker 28.5 printed for these two images, after the same load.
  it('removes an image and what nothing else needs, in the order of the daemon', async () => {
    const dataRoot = await loadedRoot('several');
    expect(rmi(dataRoot, ['h5fx:child'])).toEqual([
      'Untagged: h5fx:child',
      `Deleted: ${fixtureIds.child}`,
      'Deleted: sha256:7c094bdceeb8f5978e6a770c4dfe785165a2a1fd3d8665147ad33d080d8bf3de',
    ]);
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual([
      'Untagged: h5fx:classic',
      `Deleted: ${fixtureIds.classic}`,
      'Deleted: sha256:8188cfa3040090cd625a62d3eecbfa41a7de1371c831273c57c2db276ff1ada8',
    ]);
    await checkStore(dataRoot);
    checkTidy(dataRoot);
  });

  it('leaves nothing behind when the last image goes', async () => {
    const dataRoot = await loadedRoot('several');
    rmi(dataRoot, ['h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1']);
    const { paths } = openStore(dataRoot, { mode: 'read' });
    expect(readdirSync(paths.layers)).toEqual([]);
    expect(readdirSync(paths.overlay)).toEqual(['l']);
    expect(readdirSync(paths.links)).toEqual([]);
    expect(readdirSync(paths.imageMetadata)).toEqual([]);
  });

  it('only takes the name off an image that has others', async () => {
    const dataRoot = await loadedRoot('several');
    expect(rmi(dataRoot, ['h5fx:buildkit'])).toEqual(['Untagged: h5fx:buildkit']);
  });

  it('prunes parents that lost their names, and keeps them with noPrune', async () => {
    const dataRoot = await loadedRoot('several');
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual(['Untagged: h5fx:classic']);
    expect(
      rmi(dataRoot, [fixtureIds.child], { noPrune: true }).filter((line) => line.includes(fixtureIds.classic)),
    ).toEqual([]);
    const again = await loadedRoot('several');
    rmi(again, ['h5fx:classic']);
    expect(rmi(again, ['h5fx:child'])).toEqual([
      'Untagged: h5fx:child',
      `Deleted: ${fixtureIds.child}`,
      'Deleted: sha256:7c094bdceeb8f5978e6a770c4dfe785165a2a1fd3d8665147ad33d080d8bf3de',
      `Deleted: ${fixtureIds.classic}`,
      'Deleted: sha256:8188cfa3040090cd625a62d3eecbfa41a7de1371c831273c57c2db276ff1ada8',
    ]);
  });

  it('refuses by id what has a child, force or not', async () => {
    const dataRoot = await loadedRoot('several');
    const message = `conflict: unable to delete ${short(fixtureIds.classic)} (cannot be forced) - image has dependent child images`;
    expect(rmi(dataRoot, [fixtureIds.classic])).toEqual([message]);
    expect(rmi(dataRoot, [fixtureIds.classic], { force: true })).toEqual([message]);
  });

  it('refuses by id what has names in several repositories, unless forced', async () => {
    const dataRoot = await loadedRoot('buildkit');
    tag({ dataRoot, source: 'h5fx:buildkit', target: 'other:1' });
    expect(rmi(dataRoot, [short(fixtureIds.buildkit)])).toEqual([
      `conflict: unable to delete ${short(fixtureIds.buildkit)} (must be forced) - image is referenced in multiple repositories`,
    ]);
    expect(rmi(dataRoot, [short(fixtureIds.buildkit)], { force: true }).slice(0, 3)).toEqual([
      'Untagged: h5fx:buildkit',
      'Untagged: other:1',
      `Deleted: ${fixtureIds.buildkit}`,
    ]);
  });

  it('refuses what a stopped container uses, unless forced', async () => {
    const dataRoot = await loadedRoot('classic');
    const container = addContainer(dataRoot, fixtureIds.classic, false).slice(0, 12);
    const id = short(fixtureIds.classic);
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual([
      `conflict: unable to remove repository reference "h5fx:classic" (must force) - container ${container} is using its referenced image ${id}`,
    ]);
    expect(rmi(dataRoot, [id])).toEqual([
      `conflict: unable to delete ${id} (must be forced) - image is being used by stopped container ${container}`,
    ]);
    expect(rmi(dataRoot, [id], { force: true })[0]).toBe('Untagged: h5fx:classic');
  });

  it('never removes what a running container uses, but takes its name if forced', async () => {
    const dataRoot = await loadedRoot('classic');
    const container = addContainer(dataRoot, fixtureIds.classic, true).slice(0, 12);
    const id = short(fixtureIds.classic);
    expect(rmi(dataRoot, [id], { force: true })).toEqual([
      `conflict: unable to delete ${id} (cannot be forced) - image is being used by running container ${container}`,
    ]);
    expect(rmi(dataRoot, ['h5fx:classic'], { force: true })).toEqual(['Untagged: h5fx:classic']);
    expect(openStore(dataRoot, { mode: 'read' }).images.has(fixtureIds.classic)).toBe(true);
  });

  it('keeps layers that a container stands on', async () => {
    const dataRoot = await loadedRoot('classic');
    const store = openStore(dataRoot, { mode: 'read' });
    const top = store.layers.list().find(({ parent }) => parent !== undefined);
    const dir = `${store.paths.mounts}/${hexOf(digestOf('mount'))}`;
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${dir}/parent`, top?.chainId ?? '');
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual(['Untagged: h5fx:classic', `Deleted: ${fixtureIds.classic}`]);
    expect(store.layers.list()).toHaveLength(2);
  });

  it("keeps layers that BuildKit's cache may refer to, as the daemon does", async () => {
    const dataRoot = await loadedRoot('classic');
    const store = openStore(dataRoot, { mode: 'read' });
    const top = store.layers.list().find(({ parent }) => parent !== undefined);
    mkdirSync(`${dataRoot}/buildkit`);
    writeFileSync(`${dataRoot}/buildkit/snapshots.db`, `..chainID..${top?.chainId}..`);
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual(['Untagged: h5fx:classic', `Deleted: ${fixtureIds.classic}`]);
    expect(store.layers.list()).toHaveLength(2);
  });

  it('keeps what a process that runs holds by its lease', async () => {
    const dataRoot = await loadedRoot('several');
    const builder = openStore(dataRoot, { mode: 'write' });
    builder.lease().hold([fixtureIds.classic]);
    expect(rmi(dataRoot, [fixtureIds.buildkit, 'h5fx/other:v1', 'h5fx:buildkit'], { force: true })).toHaveLength(6);
    rmi(dataRoot, ['h5fx:child']);
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual(['Untagged: h5fx:classic']);
    builder.close();
    expect(rmi(dataRoot, [fixtureIds.classic])[0]).toBe(`Deleted: ${fixtureIds.classic}`);
  });

  it('goes on after an image that is not there', async () => {
    const dataRoot = await loadedRoot('classic');
    expect(rmi(dataRoot, ['nope', 'h5fx:classic', 'h5fx:classic', 'UP'])).toEqual([
      'Untagged: h5fx:classic',
      `Deleted: ${fixtureIds.classic}`,
      'Deleted: sha256:8188cfa3040090cd625a62d3eecbfa41a7de1371c831273c57c2db276ff1ada8',
      'Deleted: sha256:6caae301890f9eeb38de2f8d1f9271432664972c707ccc258df18f12b630d958',
      'No such image: nope:latest',
      'No such image: h5fx:classic',
      'invalid reference format: repository name (library/UP) must be lowercase',
    ]);
  });

  it('removes an image whose config was damaged', async () => {
    const dataRoot = await loadedRoot('classic');
    const { paths } = openStore(dataRoot, { mode: 'read' });
    writeFileSync(`${paths.imageContent}/${hexOf(fixtureIds.classic)}`, '{');
    expect(rmi(dataRoot, ['h5fx:classic'])).toEqual(['Untagged: h5fx:classic', `Deleted: ${fixtureIds.classic}`]);
  });
});
