import { describe, expect, it } from '@jest/globals';
import { BUILDERS, type Builder, type ConformanceCase } from '../harness/case.ts';
import type { DockerVersion } from '../harness/oracle.ts';
import { type CaseResult, runCase } from '../harness/run-case.ts';
import type { World } from '../harness/world.ts';
import { randomChild } from '../random/random-build.ts';
import { chosenBuilds } from './chosen-builds.ts';

/**
 * Builds that nobody thought of: both tools make the same image, or both give up. Why they do is not compared: dockerd hears of
 * what is wrong with a line when it comes there, and layerlab looks at all lines first.
 */
export function describeRandom(world: () => World, version: DockerVersion = '28'): void {
  const builds = chosenBuilds();
  for (const builder of BUILDERS) {
    describe(`random builds, ${builder}`, () => {
      for (const each of builds.filter(isFor(builder, version))) {
        it(each.name, async () => {
          const kind = await compareBuilds(byOwnClient(world()), each, builder);
          if (kind === 'built') {
            await compareBuilds(byOwnClient(world()), randomChild(each, `conf/${each.name}-${builder}`), builder);
          }
        });
      }
    });
  }
}

/** Compares what both tools make of a build; gives what came of it. */
async function compareBuilds(world: World, each: ConformanceCase, builder: Builder): Promise<CaseResult['kind']> {
  const { docker, layerlab } = await runCase(world, each, builder);
  try {
    expect(shared(layerlab)).toEqual(shared(docker));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${retold(each)}`);
  }
  return docker.kind;
}

function isFor(builder: Builder, version: DockerVersion): (each: ConformanceCase) => boolean {
  return ({ builders = BUILDERS, compat = [version] }) => builders.includes(builder) && compat.includes(version);
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
