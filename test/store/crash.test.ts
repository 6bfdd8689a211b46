import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from '../../src/engine/load.ts';
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
    const [root, archive] = process.argv.slice(2);
    process.stdout.write('ready');
    for (;;) {
      await load({ dataRoot: root, input: archive });
      tag({ dataRoot: root, source: 'h5fx:classic', target: 'kept:1' });
      remove({ dataRoot: root, images: ['h5fx:child', 'kept:1', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1'] });
    }
  `);
});
afterAll(() => program.remove());
afterEach(removeTempFolders);

/** Starts the program and kills it, with no chance to tidy up, some milliseconds after it began to work. */
function killedAfter(milliseconds: number, root: string): Promise<void> {
  return new Promise((done) => {
    const child = program.start(root, fixturePath('several'));
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds));
    child.on('close', () => done());
  });
}

describe('kill -9 during load, tag and remove', () => {
  it('leaves a data-root whose names all resolve, and which goes on working', async () => {
    const root = `${tempFolder()}/root`;
    for (let round = 0; round < 24; round++) {
      await killedAfter(5 + Math.random() * 120, root);
      if (!existsSync(`${root}/image/overlay2/repositories.json`)) continue;
      await checkStore(root);
    }
    await load({ dataRoot: root, input: fixturePath('several') });
    const { names, images } = await checkStore(root);
    expect(names).toEqual(expect.arrayContaining(['h5fx:child', 'h5fx:classic', 'h5fx:buildkit', 'h5fx/other:v1']));
    expect(images).toHaveLength(3);
    checkTidy(root);
  });
});
