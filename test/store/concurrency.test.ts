import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from '../../src/engine/load.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { fixturePath } from '../transports/docker-archive/fixture-archive.ts';
import { checkStore, checkTidy } from './check-store.ts';
import { bundleProgram, type Program } from './child-process.ts';

let program: Program;

beforeAll(() => {
  program = bundleProgram(`
    import { load } from '@/engine/load.ts';
    import { tag } from '@/engine/tag.ts';
    import { remove } from '@/engine/remove.ts';
    const [root, archive, name, work] = process.argv.slice(2);
    const mayFail = (error) => { if (!['LL_NOT_FOUND', 'LL_CONFLICT'].includes(error.code)) throw error; };
    for (let i = 0; i < 6; i++) {
      await load({ dataRoot: root, input: archive });
      if (work === 'load') continue;
      try { tag({ dataRoot: root, source: 'h5fx:child', target: name + ':' + i }); } catch (error) { mayFail(error); }
      if (work === 'tag') continue;
      for (const error of remove({ dataRoot: root, images: [name + ':' + i, 'h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1'] }).errors) mayFail(error);
    }
  `);
});
afterAll(() => program.remove());
afterEach(removeTempFolders);

describe('several processes on one data-root', () => {
  it('all load the same images, and each layer is there once', async () => {
    const root = `${tempFolder()}/root`;
    const archive = fixturePath('several');
    await Promise.all(Array.from({ length: 6 }, () => program.run(root, archive, 'x', 'load')));
    const { names, images } = await checkStore(root);
    expect(names.sort()).toEqual(['h5fx/other:v1', 'h5fx:buildkit', 'h5fx:child', 'h5fx:classic']);
    expect(images).toHaveLength(3);
    expect(openStore(root, { mode: 'read' }).layers.list()).toHaveLength(4);
    checkTidy(root);
  });

  it('load, name and remove at once, and no name is lost or left dangling', async () => {
    const root = `${tempFolder()}/root`;
    const archive = fixturePath('several');
    const works = ['load', 'tag', 'tag', 'remove', 'remove', 'remove'];
    await Promise.all(works.map((work, index) => program.run(root, archive, `n${index}`, work)));
    await checkStore(root);
    checkTidy(root);
    await load({ dataRoot: root, input: archive });
    const { names } = await checkStore(root);
    expect(names).toEqual(expect.arrayContaining(['h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1']));
  });
});
