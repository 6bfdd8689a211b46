import fs from 'node:fs';
import path from 'node:path';
import { type ConformanceCase, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import type { World } from '../harness/world.ts';

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
  readonly buildError?: { readonly message: string };
}

interface Line {
  readonly line: number;
}

/** What the checks of a Dockerfile came to. */
export interface Checked {
  /** What a build would refuse; how lint words it is its own affair where the file cannot be read. */
  readonly error: string | undefined;
  readonly findings: readonly string[];
}

/** Undefined where docker's client checks nothing, or not that. */
export interface CheckedByBoth {
  readonly docker: Checked | undefined;
  readonly layerlab: Checked | undefined;
}

/** Has docker's own client and `lint` check a Dockerfile. */
export async function checkByBoth(
  world: World,
  { name, dockerfile, context = [], buildArgs = {}, target }: ConformanceCase & { readonly target?: string },
): Promise<CheckedByBoth> {
  const folder = path.join(world.scratch, 'contexts', `checks-${name}`);
  materialise(folder, [file('Dockerfile', dockerfile), ...context]);
  try {
    const given = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const args = [...given, ...(target === undefined ? [] : ['--target', target]), folder];
    const theirs = await world.ownDocker.run(['build', '--call', 'check,format=json', ...args], 'buildkit');
    const ours = await world.layerlab.run(['lint', '--format', 'json', ...args]);
    const docker = theirs.stdout.length === 0 ? undefined : read(theirs.stdout);
    // Images that are not at hand are nothing to lint, and no server is to be found here.
    if (docker === undefined || docker.buildError?.message.includes('failed to resolve source metadata') === true) {
      return { docker: undefined, layerlab: undefined };
    }
    if (ours.stdout.length === 0) return { docker: docker.buildError && UNREADABLE, layerlab: UNREADABLE };
    const layerlab = read(ours.stdout);
    return {
      docker: { error: errorOf(docker), findings: findingsOf(docker, docker) },
      layerlab: { error: errorOf(layerlab), findings: findingsOf(layerlab, docker) },
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const read = (text: Buffer): Report => JSON.parse(text.toString('utf8')) as Report;

/** docker tells what it found by then; lint only what is wrong. */
const UNREADABLE: Checked = { error: 'the Dockerfile cannot be read', findings: [] };

/** docker names the rules in any order. */
function errorOf({ buildError }: Report): string | undefined {
  const [, words, rules] = /^(lint violation found for rules: )(.*)$/s.exec(buildError?.message ?? '') ?? [];
  return words === undefined ? buildError?.message : words + rules?.split(', ').sort().join(', ');
}

/** docker names every line of the instruction; layerlab the one with the word that is meant. */
function findingsOf({ warnings }: Report, docker: Report): readonly string[] {
  const known = (docker.warnings ?? []).map((one) => ({ ...placeOf(one), text: textOf(one) }));
  return (warnings ?? [])
    .map((one) => {
      const [text, { start }] = [textOf(one), placeOf(one)];
      const around = known.find((each) => each.text === text && each.start <= start && start <= each.end);
      return `${text} | line ${around?.start ?? start}`;
    })
    .sort();
}

type Warning = NonNullable<Report['warnings']>[number];

/** Of several names that are equally near docker means any. */
const textOf = ({ ruleName, detail, url }: Warning): string =>
  `${ruleName}: ${detail.replace(/ \(did you mean \$\w+\?\)$/, ' (did you mean another?)')} | ${url ?? ''}`;

const placeOf = ({ location: { ranges } }: Warning) => ({
  start: ranges[0]?.start.line ?? 0,
  end: ranges.at(-1)?.end.line ?? 0,
});
