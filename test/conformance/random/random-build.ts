import type { ConformanceCase, ContextEntry } from '../harness/case.ts';
import { randomBrought } from './random-brought.ts';
import { randomContext } from './random-context.ts';
import { randomCopyFrom } from './random-copy.ts';
import { randomFlags } from './random-flags.ts';
import { randomInstruction, type StageScope } from './random-instruction.ts';
import { disturb, inSomeCase, laidOut } from './random-layout.ts';
import { randomBuildArgs, randomFromWord, randomGlobals } from './random-scope.ts';
import { openRandomSource, type RandomSource } from './random-source.ts';

/** What all stages of a build share. */
type BuildScope = Pick<StageScope, 'paths' | 'hasShell' | 'isModern' | 'usesWeb' | 'cache'> & {
  readonly hasGlobal: boolean;
};

/** A build that nobody thought of: the same one for the same seed and number. It may fail, and then has to with both tools. */
export function randomBuild(seed: number, number: number): ConformanceCase {
  const random = openRandomSource(seed * 100_003 + number);
  const name = `random-${seed}-${number}`;
  const isModern = random.percent(45);
  const context = randomContext(random, isModern);
  const globals = randomGlobals(random);
  const scope = {
    paths: pathsOf(context),
    hasShell: random.percent(50),
    isModern,
    usesWeb: random.percent(15),
    cache: name,
    hasGlobal: globals.some((line) => line.startsWith('ARG BASE=')),
  };
  const usesFolder = isModern && random.percent(12);
  const names: string[] = usesFolder ? ['extra'] : [];
  const stages = random.several(1, random.percent(60) ? 0 : 2, () => randomStage(random, names, scope));
  const dockerfile = disturb(random, [...globals.map((line) => `${line}\n`), ...stages].join(''));
  return {
    name,
    dockerfile,
    context,
    buildArgs: randomBuildArgs(random),
    ...randomBrought(random, isModern, scope.usesWeb, usesFolder),
    ...(isFor28(context) ? { compat: ['28'] } : {}),
    ...randomFlags(
      random,
      names.filter((each) => each !== 'extra'),
    ),
  };
}

/** A build on the image that another made; its triggers fire, and what it says is inherited. */
export function randomChild({ name, context = [], builders }: ConformanceCase, image: string): ConformanceCase {
  const random = openRandomSource([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 3) % 2 ** 31);
  const scope = {
    paths: pathsOf(context),
    stages: [],
    hasShell: random.percent(40),
    isModern: false,
    usesWeb: false,
    cache: name,
  };
  const lines = random.several(0, 3, () => randomInstruction(random, scope));
  return {
    name: `${name}-child`,
    dockerfile: `FROM ${image}\n${lines.map((line) => `${line}\n`).join('')}`,
    context,
    ...(builders === undefined ? {} : { builders }),
  };
}

/** Docker 20.10 takes some characters of a pattern into a regular expression as they are, and its BuildKit reads none that nothing asks for. */
const IS_FOR_28 = /[+(){}|]|^!\/*$|\[[^\]]*$|\\$/m;

const isFor28 = (context: readonly ContextEntry[]): boolean =>
  context.some(
    (entry) => entry.kind === 'file' && entry.path.endsWith('.dockerignore') && IS_FOR_28.test(String(entry.content)),
  );

const pathsOf = (context: readonly ContextEntry[]): readonly string[] => [
  ...context
    .flatMap(({ path }) => [path, path, path.replace(/\/[^/]*$/, '')])
    .filter((path) => !path.endsWith('.dockerignore')),
  '.',
];

/** @param names what stages are called by now; those without a name, by their number. The new one is added. */
function randomStage(random: RandomSource, names: string[], scope: BuildScope): string {
  const named = names.filter((name) => !/^\d/.test(name));
  const index = names.filter((name) => name !== 'extra').length;
  // Not conf/rich-classic: a WORKDIR there is the one that made conf/rich-buildkit, and BuildKit gives it that one's time.
  const images = scope.hasShell
    ? ['conf/base', 'conf/base', 'conf/base', 'conf/rich-buildkit']
    : ['conf/base', 'scratch', 'conf/bare', 'conf/rich-buildkit'];
  const base = named.length > 0 && random.percent(40) ? random.pick(named) : random.pick(images);
  const name = random.percent(60) ? `s${index}` : undefined;
  const inside: StageScope = {
    ...scope,
    stages: [...names],
    hasShell: scope.hasShell && base !== 'scratch',
    cache: `${scope.cache}-${index}`,
  };
  const lines = random.several(1, inside.hasShell ? 5 : 8, () =>
    laidOut(random, inSomeCase(random, randomInstruction(random, inside))),
  );
  if (names.length > 0 && random.percent(70)) lines.push(randomCopyFrom(random, names));
  names.push(name ?? String(index));
  const word = randomFromWord(random, base, scope.hasGlobal);
  const from = name === undefined ? word : `${word} ${random.pick(['AS', 'as', 'As'])} ${name}`;
  return `FROM ${from}\n${lines.join('\n')}\n`;
}
