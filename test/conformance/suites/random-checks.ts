import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type ConformanceCase, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import type { World } from '../harness/world.ts';
import { chosenBuilds } from './chosen-builds.ts';

/** What `build --call check,format=json` and `lint --format json` write, where they agree. */
interface Report {
  readonly warnings?:
    | readonly {
        readonly ruleName: string;
        readonly url?: string;
        readonly detail: string;
        readonly location: { readonly ranges: readonly { readonly start: Line; readonly end: Line }[] };
      }[]
    | null;
  readonly buildError?: unknown;
}

interface Line {
  readonly line: number;
}

/**
 * What `lint` says of the Dockerfiles of random builds, beside docker's own client. Of those that docker refuses in the middle
 * nothing is compared: `lint` leaves to the build what is no check, such as a signal that is none.
 */
export function describeRandomChecks(world: () => World): void {
  describe('random checks', () => {
    for (const each of chosenBuilds()) {
      it(each.name, async () => {
        const { docker, layerlab } = await checkWithBoth(world(), each);
        try {
          expect(layerlab).toEqual(docker);
        } catch (error) {
          throw new Error(`${(error as Error).message}\n\n${each.dockerfile}`);
        }
      });
    }
  });
}

async function checkWithBoth(world: World, { name, dockerfile, context = [], buildArgs = {} }: ConformanceCase) {
  const folder = path.join(world.scratch, 'contexts', `checks-${name}`);
  materialise(folder, [file('Dockerfile', dockerfile), ...context]);
  try {
    const args = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const theirs = await world.ownDocker.run(['build', '--call', 'check,format=json', ...args, folder], 'buildkit');
    const ours = await world.layerlab.run(['lint', '--format', 'json', ...args, folder]);
    if (theirs.stdout.length === 0 || read(theirs.stdout).buildError !== undefined) return { docker: [], layerlab: [] };
    if (isRefused(ours)) return { docker: 'checked', layerlab: ours.stderr };
    return compared(read(theirs.stdout), read(ours.stdout));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const read = (text: Buffer): Report => (text.length === 0 ? {} : (JSON.parse(text.toString('utf8')) as Report));

/** A finding that is an error by `# check=error=true` is none of reading the file. */
const isRefused = ({ code, stderr }: { readonly code: number; readonly stderr: string }): boolean =>
  code !== 0 && stderr.includes('code: LL_') && !stderr.includes('LL_CHECK');

function compared(theirs: Report, ours: Report) {
  const docker = (theirs.warnings ?? []).map((one) => ({
    text: `${one.ruleName}: ${one.detail} | ${one.url ?? ''}`,
    start: one.location.ranges[0]?.start.line ?? 0,
    end: one.location.ranges.at(-1)?.end.line ?? 0,
  }));
  const layerlab = (ours.warnings ?? []).map(({ ruleName, url = '', detail, location }) => {
    const text = `${ruleName}: ${detail} | ${url}`;
    const line = location.ranges[0]?.start.line ?? 0;
    // docker names every line of the instruction; layerlab the one with the word that is meant.
    const around = docker.find((each) => each.text === text && each.start <= line && line <= each.end);
    return `${text} | line ${around?.start ?? line}`;
  });
  return { docker: docker.map(({ text, start }) => `${text} | line ${start}`).sort(), layerlab: layerlab.sort() };
}
