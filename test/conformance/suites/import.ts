import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { closeWindow } from '../harness/build-window.ts';
import { archive, dir, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { describeImage } from '../harness/describe-image.ts';
import { resolveTag } from '../harness/stored-image.ts';
import type { World } from '../harness/world.ts';

/** `import` of the same tar by both, and bases that came over by `load`. */
export function describeImport(world: () => World): void {
  describe('import and load', () => {
    it('import makes the same image of the same tar', async () => {
      const { docker, layerlab, scratch, since } = world();
      const folder = path.join(scratch, 'import');
      materialise(folder, [
        archive('system.tar', 'none', [
          file('etc/passwd'),
          dir('tmp', { mode: 0o1777 }),
          file('bin/sh', 'sh', { mode: 0o4755, gid: 5 }),
        ]),
      ]);
      const [theirs, ours] = await Promise.all(
        [docker, layerlab].map(async (tool) => {
          const changes = ['-c', 'CMD ["sh"]', '-c', 'ENV A=b', '-c', 'LABEL l=m', '-m', 'a message'];
          await tool.runOrThrow(['import', ...changes, path.join(folder, 'system.tar'), 'conf/imported']);
          return describeImage(
            tool.dataRoot,
            resolveTag(tool.dataRoot, 'conf/imported'),
            new Set(),
            closeWindow(since),
          );
        }),
      );
      expect(ours).toEqual(theirs);
    });

    it.each(['none', 'gzip'] as const)(
      'import makes the same image of a tar on the web, compression %s',
      async (compression) => {
        const { docker, layerlab, scratch, since, web } = world();
        const page = `import-${compression}`;
        const folder = path.join(scratch, page);
        materialise(folder, [archive('a.tar', compression, [dir('etc'), file('etc/passwd', 'root')])]);
        web.publish(page, [{ path: 'a tar', body: fs.readFileSync(path.join(folder, 'a.tar')) }]);
        const [theirs, ours] = await Promise.all(
          [docker, layerlab].map(async (tool) => {
            await tool.runOrThrow(['import', '-c', 'ENV A=b', `${web.url}/${page}/a%20tar?x=y`, `conf/${page}`]);
            return describeImage(
              tool.dataRoot,
              resolveTag(tool.dataRoot, `conf/${page}`),
              new Set(),
              closeWindow(since),
            );
          }),
        );
        expect(ours).toEqual(theirs);
      },
    );

    it('import says the same of a page that is not there', async () => {
      const { docker, layerlab, web } = world();
      const [theirs, ours] = await Promise.all(
        [docker, layerlab].map(async (tool) => {
          const { code, stderr } = await tool.run(['import', `${web.url}/import-nothing/x`, 'conf/none']);
          expect(code).not.toBe(0);
          return /failed to GET .*/.exec(stderr)?.[0];
        }),
      );
      expect(theirs).toContain('404 Not Found');
      expect(ours).toBe(theirs);
    });

    it('load gives every image the id that docker gave it', () => {
      const { layerlab, baseIds, since } = world();
      for (const id of baseIds) {
        const image = describeImage(layerlab.dataRoot, id, new Set(), closeWindow(since));
        expect(image.layers.length).toBeGreaterThan(0);
      }
    });
  });
}
