import { describe, expect, it } from '@jest/globals';
import { BUILDERS, type ConformanceCase } from '../harness/case.ts';
import { type CaseResult, runCase } from '../harness/run-case.ts';
import type { World } from '../harness/world.ts';
import { randomBuild } from '../random/random-build.ts';

/** A seed and how many builds, `7:200`; a few of one seed unless told. */
const WANTED = process.env.LAYERLAB_RANDOM_BUILDS ?? '1:12';

/**
 * Builds that nobody thought of: both tools make the same image, or both give up. Why they do is not compared: dockerd hears of
 * what is wrong with a line when it comes there, and layerlab looks at all lines first.
 */
export function describeRandom(world: () => World): void {
  const [seed = Number.NaN, count = Number.NaN] = WANTED.split(':').map(Number);
  if (!Number.isInteger(seed) || !Number.isInteger(count)) {
    throw new Error(`LAYERLAB_RANDOM_BUILDS is ${WANTED}, and has to be SEED:COUNT`);
  }
  const builds = Array.from({ length: count }, (_, number) => randomBuild(seed, number));
  for (const builder of BUILDERS) {
    describe(`random builds, ${builder}`, () => {
      for (const each of builds.filter(({ builders = BUILDERS }) => builders.includes(builder))) {
        it(each.name, async () => {
          const { docker, layerlab } = await runCase(byOwnClient(world()), each, builder);
          try {
            expect(shared(layerlab)).toEqual(shared(docker));
          } catch (error) {
            throw new Error(`${(error as Error).message}\n\n${retold(each)}`);
          }
        });
      }
    });
  }
}

/** What a build is by Docker 28 from end to end: the client reads .dockerignore, checks flags and sends the files. */
function byOwnClient(world: World): World {
  return world.layerlab === world.docker ? world : { ...world, docker: world.ownDocker };
}

/** Without what depends on which build of the run was the first to make the very same layer: see docs/CONFORMANCE.md. */
function shared(result: CaseResult): unknown {
  if (result.kind === 'failed') return { kind: 'failed' };
  return JSON.parse(JSON.stringify(result, (_, value: unknown) => (isList(value) ? value.filter(isOwn) : value)));
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isOwn = (value: unknown): boolean =>
  typeof value !== 'string' || (value !== '-600 committed' && !value.startsWith('"" d'));

function retold({ dockerfile, context = [] }: ConformanceCase): string {
  return `${dockerfile}\n${context.map((entry) => JSON.stringify(entry)).join('\n')}`;
}
