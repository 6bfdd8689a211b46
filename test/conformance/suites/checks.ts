import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type CheckCase, checkCases } from '../cases/checks.ts';
import { type BuildWarning, buildWarnings } from '../harness/build-warnings.ts';
import { file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import type { World } from '../harness/world.ts';

/** What `lint` reports beside what a build of the same folder by dockerd's BuildKit warns of: rule, text, lines, page. */
export function describeChecks(world: () => World): void {
  describe('checks', () => {
    for (const each of checkCases) {
      it(`${each.rule} where it is meant`, async () => {
        const { docker, layerlab } = await checkBoth(world(), each, each.bad);
        expect(layerlab).toEqual(docker);
        expect(docker.some((line) => line.startsWith(`${each.rule}: `))).toBe(true);
      });

      it(`${each.rule} not where it is not`, async () => {
        const { docker, layerlab } = await checkBoth(world(), each, each.good);
        expect(layerlab).toEqual(docker);
        expect(docker.filter((line) => line.startsWith(`${each.rule}: `))).toEqual([]);
      });
    }
  });
}

interface LintReport {
  readonly warnings: readonly {
    readonly ruleName: string;
    readonly url?: string;
    readonly detail: string;
    readonly location: { readonly ranges: readonly { readonly start: Line; readonly end: Line }[] };
  }[];
}

interface Line {
  readonly line: number;
}

async function checkBoth(world: World, each: CheckCase, dockerfile: string) {
  const context = path.join(world.scratch, 'contexts', `check-${each.rule}`);
  materialise(context, [file('Dockerfile', dockerfile), ...(each.context ?? [])]);
  try {
    const theirs = await warningsOfDocker(world, context, each);
    const args = Object.entries(each.buildArgs ?? {}).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const ours = await world.layerlab.run(['lint', '--format', 'json', ...args, context]);
    const report = JSON.parse(ours.stdout.toString('utf8')) as LintReport;
    const docker = theirs.map(({ short, url, ranges }) => ({
      text: `${short.replace(/ \(line \d+\)$/, '')} | ${url}`,
      start: ranges[0]?.[0] ?? 0,
      end: ranges.at(-1)?.[1] ?? 0,
    }));
    const layerlab = (report.warnings ?? []).map(({ ruleName, url = '', detail, location }) => {
      const text = `${ruleName}: ${detail} | ${url}`;
      const line = location.ranges[0]?.start.line ?? 0;
      // docker names every line of the instruction; layerlab the one with the word that is meant.
      const around = docker.find((each) => each.text === text && each.start <= line && line <= each.end);
      return `${text} | line ${around?.start ?? line}`;
    });
    return { docker: docker.map(({ text, start }) => `${text} | line ${start}`).sort(), layerlab: layerlab.sort() };
  } finally {
    fs.rmSync(context, { recursive: true, force: true });
  }
}

/** dockerd lets go of a build's progress as soon as the build is over, at times before the warnings are through. */
async function warningsOfDocker(world: World, context: string, each: CheckCase): Promise<readonly BuildWarning[]> {
  let most: readonly BuildWarning[] = [];
  for (let round = 0; round < 3; round++) {
    const { warnings } = await buildWarnings(world.socket, context, each.buildArgs ?? {});
    if (warnings.length > most.length) most = warnings;
  }
  return most;
}
