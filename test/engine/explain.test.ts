import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { explain } from '../../src/engine/explain.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { loadedRoot } from './loaded-root.ts';
import { seed, seedRoot } from './seed-root.ts';

afterEach(removeTempFolders);

/** What a user sees who types the step's command. */
function proof(command: string): string {
  return execFileSync('sh', ['-c', command], { encoding: 'utf8' });
}

describe('explain', () => {
  it('computes the four chain_ids of the seed, from the very texts that are hashed there', async () => {
    const { dataRoot } = seedRoot();
    const { steps, ok } = await explain({ dataRoot, name: seed.name });
    expect(ok).toBe(true);
    const chains = steps.filter(({ name }) => name === 'chain_id');
    expect(chains.map(({ expected }) => expected)).toEqual(seed.chainIds);
    expect(chains.map(({ hashed }) => hashed)).toEqual([
      undefined,
      `${seed.chainIds[0]} ${seed.diffIds[1]}`,
      `${seed.chainIds[1]} ${seed.diffIds[2]}`,
      `${seed.chainIds[2]} ${seed.diffIds[3]}`,
    ]);
    const of = (step: string) => steps.filter(({ name }) => name === step).map(({ expected }) => expected);
    expect(of('cache-id')).toEqual(seed.cacheIds);
    expect(of('link')).toEqual(seed.links);
    expect(of('lower').at(-1)).toBe(seed.topLower);
    expect(of('LowerDir').at(-1)).toBe(
      [seed.cacheIds[2], seed.cacheIds[1], seed.cacheIds[0]].map((id) => `overlay2/${id}/diff`).join(':'),
    );
  });

  for (const kind of ['folder', 'tar'] as const) {
    it(`gives commands that a shell agrees with: ${kind}`, async () => {
      const { dataRoot } = seedRoot();
      const tar = join(tempFolder(), 'root.tar');
      execFileSync('tar', ['-C', dataRoot, '-cf', tar, '.']);
      for (const name of [seed.name, 'openresty-app-1']) {
        const { steps, ok } = await explain({ dataRoot: kind === 'tar' ? tar : dataRoot, name });
        expect(ok).toBe(true);
        expect(steps.length).toBeGreaterThan(30);
        for (const step of steps) {
          // sha256sum leaves the algorithm out; LowerDir is listed a folder a line.
          const [first = ''] = step.expected.replace(/^sha256:/, '').split(':overlay2/');
          expect([step.name, proof(step.command)]).toEqual([step.name, expect.stringContaining(first)]);
        }
      }
    });
  }

  it('goes from a container to its image', async () => {
    const { dataRoot, imageId } = seedRoot();
    const { kind, id, steps } = await explain({ dataRoot, name: seed.container.slice(0, 8) });
    expect([kind, id]).toEqual(['container', seed.container]);
    const found = new Map(steps.toReversed().map(({ name, found: value }) => [name, value]));
    expect(found.get('mount-id')).toBe(seed.mountId);
    expect(found.get('init-id')).toBe(`${seed.mountId}-init`);
    expect(steps.find(({ name }) => name === 'parent')?.found).toBe(seed.chainIds[3]);
    expect(steps.find(({ name }) => name === 'image')?.found).toBe(imageId);
  });

  it.each([
    ['image id', (root: string, image: string) => writeFileSync(config(root, image), '{"rootfs":{"diff_ids":[]}}')],
    ['diff_id', (root: string) => writeFileSync(join(layer(root), 'diff'), seed.diffIds[0])],
    ['parent', (root: string) => writeFileSync(join(layer(root), 'parent'), seed.chainIds[0])],
    ['cache-id', (root: string) => writeFileSync(join(layer(root), 'cache-id'), '../../etc')],
    ['lower', (root: string) => writeFileSync(join(root, 'overlay2', seed.cacheIds[3], 'lower'), 'l/X')],
    ['link', (root: string) => writeFileSync(join(root, 'overlay2', seed.cacheIds[3], 'link'), '../../x')],
    ['UpperDir', (root: string) => spawnSync('rm', ['-r', join(root, 'overlay2', seed.cacheIds[3], 'diff')])],
  ] as const)('marks what does not hold: %s', async (step, damage) => {
    const { dataRoot, imageId } = seedRoot();
    damage(dataRoot, imageId);
    const { steps, ok } = await explain({ dataRoot, name: seed.name });
    expect(ok).toBe(false);
    expect(steps.filter((one) => !one.ok).map(({ name }) => name)).toContain(step);
  });

  it('puts the layers together again where asked, and sees a file that changed', async () => {
    const dataRoot = await loadedRoot('several');
    const { steps, ok } = await explain({ dataRoot, name: 'h5fx:child', contents: true });
    const contents = steps.filter(({ name }) => name === 'content');
    expect(ok).toBe(true);
    expect(contents.length).toBeGreaterThan(0);
    const { steps: seedSteps, ok: seedOk } = await explain({ ...seedRoot(), name: seed.name, contents: true });
    expect(seedOk).toBe(false);
    expect(seedSteps.filter((one) => !one.ok).map(({ name }) => name)).toEqual(Array(4).fill('content'));
  });

  it('says what is not there', async () => {
    const { dataRoot } = seedRoot();
    await expect(explain({ dataRoot, name: 'nothing' })).rejects.toMatchObject({ code: 'LL_NOT_FOUND' });
  });
});

function layer(root: string): string {
  return join(root, 'image/overlay2/layerdb/sha256', seed.chainIds[3].slice(7));
}

function config(root: string, imageId: string): string {
  return join(root, 'image/overlay2/imagedb/content/sha256', imageId.slice(7));
}
