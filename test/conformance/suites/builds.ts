import { describe, expect, it } from '@jest/globals';
import { allCases } from '../cases/all-cases.ts';
import { ON_2010 } from '../cases/on-2010.ts';
import { BUILDERS, type Builder, type ConformanceCase, type FailureMessage } from '../harness/case.ts';
import type { DockerVersion } from '../harness/oracle.ts';
import { type CaseResult, runCase } from '../harness/run-case.ts';
import type { World } from '../harness/world.ts';

/**
 * Every case, with each of its builders: the same image, or the same refusal. All of BuildKit's come first: the same case
 * built by both builders within one second would share layers or not as the clock has it.
 */
export function describeBuilds(world: () => World, version: DockerVersion = '28'): void {
  for (const builder of BUILDERS) {
    for (const [theme, cases] of allCases) {
      describe(`builds: ${theme}, ${builder}`, () => {
        for (const each of cases.filter(isFor(builder, version))) {
          it(each.name, async () => {
            const { docker, layerlab } = await runCase(world(), each, builder);
            const failure = version === '20.10' ? (each.failsOn2010 ?? each.expectFailure) : each.expectFailure;
            if (failure === undefined) compareImages(docker, layerlab);
            else compareFailures(docker, layerlab, messageOf(failure, builder));
          });
        }
      });
    }
  }
}

function isFor(builder: Builder, version: DockerVersion): (each: ConformanceCase) => boolean {
  return ({ name, builders = BUILDERS, compat = ON_2010.has(name) ? ['28', '20.10'] : ['28'] }) =>
    builders.includes(builder) && compat.includes(version);
}

function compareImages(docker: CaseResult, layerlab: CaseResult): void {
  if (docker.kind === 'failed') throw new Error(`docker could not build the case:\n${docker.text}`);
  if (layerlab.kind === 'failed') throw new Error(`layerlab could not build the case:\n${layerlab.text}`);
  expect(layerlab.image).toEqual(docker.image);
}

function compareFailures(docker: CaseResult, layerlab: CaseResult, message: string): void {
  const failure = { kind: 'failed', text: expect.stringContaining(message), tagged: false };
  expect(docker).toEqual(failure);
  expect(layerlab).toEqual(failure);
}

function messageOf(expected: FailureMessage, builder: Builder): string {
  return typeof expected === 'string' ? expected : expected[builder];
}
