import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { check } from '../../../src/engine/check.ts';
import { repair } from '../../../src/engine/repair.ts';
import { BUILDERS, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { openVictim, type PlantedDamage, plantedDamages } from '../harness/planted-damages.ts';
import { dockerTool, type Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

const DOCKERFILE = [
  'FROM base/victim',
  'COPY a /srv/a',
  'RUN echo hi > /srv/b && ln -s b /srv/c && rm /bin/ls && mkdir -p /d/e && echo x > /d/e/f',
  'WORKDIR /w',
  'ENV A=b',
  'RUN echo 1 > /w/1 && rm -rf /d',
  'CMD ["sh"]',
  '',
].join('\n');

/** Damages that are there to stay: only the same image from elsewhere mends them. */
const FOR_GOOD = new Set([
  'tar-split-missing',
  'tar-split-empty',
  'tar-split-corrupt',
  'cache-id-shared',
  'content-missing',
  'content-changed',
  'diff-id-wrong',
  'rootfs-mismatch',
  'mount-snapshot-missing',
]);

/** Planted one after the other in one root, in an order in which each can still find its place. */
const TOGETHER = [
  'lower-loop',
  'size-empty',
  'parent-empty',
  'link-broken',
  'work-missing',
  'init-id-empty',
  'leftover-removing',
  'snapshot-orphan',
  'metadata-parent-missing',
  'mode-open',
  'config-empty',
  'repositories-corrupt',
];

/** A data-root that dockerd made: nothing is found while it is sound, each damage by its name, and repair mends it. */
export function describeCheck(world: () => World): void {
  describe('check and repair of a data-root that dockerd made', () => {
    let seed = '';
    let docker: Tool;
    const healthy: [string, readonly string[]][] = [];

    const look = async (what: string, root: string): Promise<void> => {
      const { damages } = await check({ dataRoot: root, full: true, settle: 100 });
      healthy.push([what, damages.map(({ id, where }) => `${id} ${where}`)]);
    };

    beforeAll(async () => {
      const { oracle, socket, classicSocket, scratch, layerlab } = world();
      await look('what layerlab built', layerlab.dataRoot);
      await look('what dockerd built', world().docker.dataRoot);
      oracle?.stop();
      seed = path.join(path.dirname(scratch), 'check');
      oracle?.start(seed);
      docker = dockerTool(`unix://${socket}`, `unix://${classicSocket}`, seed);
      await look('an empty root', seed);
      const base = path.join(scratch, 'victim-base');
      fs.mkdirSync(path.join(base, 'bin'), { recursive: true });
      fs.copyFileSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), path.join(base, 'bin/busybox'));
      for (const name of ['sh', 'ls', 'rm', 'ln', 'mkdir']) fs.symlinkSync('busybox', path.join(base, 'bin', name));
      execFileSync('tar', ['-C', base, '-cf', `${base}.tar`, '.']);
      await docker.runOrThrow(['import', `${base}.tar`, 'base/victim']);
      await look('after import', seed);
      const context = path.join(scratch, 'victim');
      materialise(context, [
        file('Dockerfile', DOCKERFILE),
        file('a'),
        file('D2', DOCKERFILE.replace('echo 1', 'echo 2')),
      ]);
      for (const builder of BUILDERS) {
        const tag = builder === 'buildkit' ? 'bk' : 'cl';
        await docker.runOrThrow(['build', '--network', 'none', '-t', tag, context], builder);
        await look(`after a build, ${builder}`, seed);
      }
      await docker.runOrThrow(['build', '--network', 'none', '-t', 'bk2', '-f', path.join(context, 'D2'), context]);
      await docker.runOrThrow(['run', '-d', '--network', 'none', '--name', 'runs', 'cl', 'busybox', 'sleep', '1000']);
      await look('while a container runs', seed);
      await docker.runOrThrow(['run', '--network', 'none', '--name', 'stopped', 'bk', 'sh', '-c', 'echo q > /q']);
      await look('after a container ran', seed);
      await docker.runOrThrow(['create', '--network', 'none', '--name', 'created', 'bk2', 'sh']);
      await docker.runOrThrow(['commit', 'stopped', 'committed']);
      await look('after commit', seed);
      const archive = path.join(scratch, 'victim.tar');
      await docker.runOrThrow(['save', '-o', archive, 'cl']);
      await docker.runOrThrow(['tag', 'cl', 'other:v1']);
      await docker.runOrThrow(['load', '-i', archive]);
      await look('after save and load', seed);
      await docker.runOrThrow(['rmi', 'other:v1']);
      await look('after rmi', seed);
      oracle?.stop();
      await look('with dockerd stopped', seed);
    }, 300_000);

    it('finds nothing in sound roots', () => {
      expect(healthy.filter(([, found]) => found.length > 0)).toEqual([]);
      expect(healthy).toHaveLength(12);
    });

    const victim = (name: string): string => {
      const root = path.join(path.dirname(seed), `victim-${name}`);
      fs.rmSync(root, { recursive: true, force: true });
      execFileSync('cp', ['-a', seed, root]);
      return root;
    };

    it.each(plantedDamages.map((each) => [`${each.id} ${each.variant ?? ''}`.trim(), each] as const))(
      'finds and mends: %s',
      async (_, planted: PlantedDamage) => {
        const root = victim('one');
        planted.plant(openVictim(root));
        const full = planted.full === true;
        const { damages } = await check({ dataRoot: root, full, settle: 0 });
        expect(damages.map(({ id }) => id)).toContain(planted.id);
        const { remaining } = await repair({ dataRoot: root, write: true, full });
        const left = remaining.map(({ id }) => id);
        expect(left).toEqual(FOR_GOOD.has(planted.id) ? [planted.id] : []);
      },
      30_000,
    );

    it('can be cut off after any step of a repair and run again', async () => {
      const planted = plantedDamages.find(({ id }) => id === 'layer-empty');
      for (let cut = 1; cut < 20; cut += 3) {
        const root = victim('cut');
        planted?.plant(openVictim(root));
        const onAction = (done: number): void => {
          if (done === cut) throw new Error('cut off');
        };
        await repair({ dataRoot: root, write: true, onAction }).catch(() => undefined);
        const { remaining } = await repair({ dataRoot: root, write: true });
        expect({ cut, left: remaining.map(({ id }) => id) }).toEqual({ cut, left: [] });
      }
    }, 60_000);

    it('dockerd starts on a mended root and everything that was intact runs', async () => {
      const { oracle } = world();
      const root = victim('boots');
      for (const id of TOGETHER) plantedDamages.find((each) => each.id === id)?.plant(openVictim(root));
      const found = (await check({ dataRoot: root, settle: 0 })).damages.map(({ id }) => id as string);
      expect(TOGETHER.filter((id) => !found.includes(id))).toEqual([]);
      expect((await repair({ dataRoot: root, write: true })).remaining).toEqual([]);
      oracle?.start(root);
      try {
        for (const tag of ['base/victim', 'bk', 'cl']) {
          await docker.runOrThrow(['run', '--rm', '--network', 'none', tag, 'busybox', 'true']);
          await docker.runOrThrow(['save', '-o', path.join(root, '../saved.tar'), tag]);
        }
        await docker.runOrThrow(['start', '-a', 'stopped']);
        expect((await docker.run(['inspect', 'bk2'])).code).not.toBe(0);
      } finally {
        oracle?.stop();
      }
    }, 120_000);
  });
}
