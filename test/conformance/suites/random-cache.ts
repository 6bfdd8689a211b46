import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startWindow } from '../harness/build-window.ts';
import { BUILDERS, type Builder, type ConformanceCase, type ContextEntry, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { readStoredImage, resolveTag } from '../harness/stored-image.ts';
import type { Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';
import { type ChangedBuild, randomSeries } from '../random/random-series.ts';
import { chosenBuilds } from './chosen-builds.ts';

/** Of so many random builds one is built again and again: a series takes ten seconds. */
const ONE_IN = 6;

/**
 * Which layers a changed build shares with those before it: what is made anew has another time, since each build begins in a
 * second of its own. A series ends with the first build that fails, as what it left in the cache is a matter of chance.
 */
export function describeRandomCache(world: () => World): void {
  for (const builder of BUILDERS) {
    describe(`random caches, ${builder}`, () => {
      const builds = chosenBuilds().filter(
        ({ web, buildContexts, builders = BUILDERS }, number) =>
          number % ONE_IN === 0 && web === undefined && buildContexts === undefined && builders.includes(builder),
      );
      for (const each of builds) {
        it(each.name, async () => {
          const series = randomSeries(each);
          const { ownDocker, layerlab, scratch } = world();
          const docker: string[] = [];
          const ours: string[] = [];
          const tools = [openSeries(ownDocker, builder, scratch, each), openSeries(layerlab, builder, scratch, each)];
          for (const build of series) {
            await startWindow();
            const [theirLine = '', ourLine = ''] = await Promise.all(tools.map((next) => next(build)));
            docker.push(theirLine);
            ours.push(ourLine);
            if (theirLine.endsWith(FAILED) || ourLine.endsWith(FAILED)) break;
          }
          try {
            expect(ours).toEqual(docker);
          } catch (error) {
            const told = [each.dockerfile, ...(each.context ?? []).map((entry) => JSON.stringify(entry))].join('\n');
            throw new Error(`${(error as Error).message}\n\n${told}`);
          }
        });
      }
    });
  }
}

const FAILED = 'failed';

function openSeries(tool: Tool, builder: Builder, scratch: string, { name, secrets = {} }: ConformanceCase) {
  const seen: { id: string; layers: readonly string[] }[] = [];
  return async ({ what, dockerfile, context, buildArgs }: ChangedBuild): Promise<string> => {
    const folder = path.join(scratch, 'contexts', `series-${tool.name}-${name}-${builder}`);
    fs.rmSync(folder, { recursive: true, force: true });
    materialise(
      folder,
      [file('Dockerfile', dockerfile), ...context].map((entry) => ownTime(entry, seen.length)),
    );
    const brought = Object.entries(secrets).flatMap(([id, content]) => {
      fs.writeFileSync(`${folder}-${id}`, content);
      return ['--secret', `id=${id},src=${folder}-${id}`];
    });
    const args = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const tag = `conf/series-${name}-${builder}`;
    const { code } = await tool.run(['build', '--network', 'none', ...args, ...brought, '-t', tag, folder], builder);
    fs.rmSync(folder, { recursive: true, force: true });
    if (code !== 0) return `${what}: ${FAILED}`;
    const id = resolveTag(tool.dataRoot, tag);
    const layers = readStoredImage(tool.dataRoot, id).layers.map((layer) => layer.cacheId);
    const same = seen.findIndex((each) => each.id === id);
    const shared = seen.map((each) => each.layers.filter((layer) => layers.includes(layer)).length);
    seen.push({ id, layers });
    return `${what}: ${same < 0 ? 'new' : `image ${same} again`}, ${layers.length} layers, shares ${shared.join(' ')}`;
  };
}

/** A file that the builder itself reads is not sent again where its size and time are the same. */
function ownTime(entry: ContextEntry, number: number): ContextEntry {
  const isRead = entry.kind === 'file' && /^(Dockerfile|.*\.dockerignore)$/.test(entry.path);
  return isRead ? { ...entry, mtime: String(1_640_000_000 + number) } : entry;
}
