import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { check } from '../../../src/engine/check.ts';
import { BUILDERS, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { layerlabTool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

const DOCKERFILE = 'FROM conf/base\nCOPY a /srv/a\nRUN echo x > /srv/x && rm -rf /opt\nENV A=b\n';

/** Data-roots of Docker 20.10, with images of both builders and containers in every state, are sound to `check` and `explain`. */
export function describeCheck2010(world: () => World): void {
  describe('check of a data-root that Docker 20.10 made', () => {
    const found: [string, readonly string[]][] = [];

    beforeAll(async () => {
      const { docker, layerlab, scratch } = world();
      const look = async (what: string, dataRoot = docker.dataRoot, full = false): Promise<void> => {
        const { damages } = await check({ dataRoot, full, settle: 100 });
        found.push([what, damages.map(({ id, where }) => `${id} ${where}`)]);
      };
      await look('what layerlab built', layerlab.dataRoot, true);
      await look('what dockerd built', docker.dataRoot, true);
      const context = path.join(scratch, 'contexts', 'check-2010');
      materialise(context, [file('Dockerfile', DOCKERFILE), file('a')]);
      for (const builder of BUILDERS) {
        await docker.runOrThrow(['build', '--network', 'none', '-t', `check/${builder}`, context], builder);
        await look(`after a build, ${builder}`);
      }
      const run = (...args: readonly string[]) => docker.runOrThrow([...args]);
      await run('run', '-d', '--network', 'none', '--name', 'check-runs', 'check/classic', 'sleep', '1000');
      await look('while a container runs');
      await run('run', '--network', 'none', '--name', 'check-ran', 'check/buildkit', 'sh', '-c', 'echo q > /q');
      await look('after a container ran');
      await run('create', '--network', 'none', '--name', 'check-created', 'check/buildkit', 'sh');
      await look('with a container that never ran');
      await run('commit', 'check-ran', 'check/committed');
      await look('after commit');
      const archive = path.join(scratch, 'check-2010.tar');
      await run('save', '-o', archive, 'check/classic');
      await run('load', '-i', archive);
      await look('after save and load');
      await run('rm', '-f', 'check-runs', 'check-ran', 'check-created');
      await run('rmi', 'check/committed');
      await look('after rm and rmi');
    }, 300_000);

    it('finds nothing', () => {
      expect(found.filter(([, damages]) => damages.length > 0)).toEqual([]);
      expect(found).toHaveLength(10);
    });

    it.each(BUILDERS)('every step of an explanation holds, %s', async (builder) => {
      const { docker } = world();
      const { code, stdout } = await layerlabTool(docker.dataRoot).run([
        ...['explain', '--contents', '--format', 'json', `check/${builder}`],
      ]);
      expect(code).toBe(0);
      expect(stdout.toString('utf8')).toContain('"chain_id"');
    });
  });
}
