import type { RandomSource } from './random-source.ts';
import { randomWord } from './random-words.ts';

/** Names that a build gives a value by itself, or lets through without an ARG. */
const KNOWN = [
  'TARGETPLATFORM',
  'TARGETOS',
  'TARGETARCH',
  'TARGETVARIANT',
  'BUILDPLATFORM',
  'BUILDARCH',
  'TARGETSTAGE',
];
const PROXIES = ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'ALL_PROXY'];

/** The ARGs above the first FROM. `BASE` is the name of an image. */
export function randomGlobals(random: RandomSource): readonly string[] {
  return [
    ...(random.percent(30) ? [`ARG A=${randomWord(random)}`] : []),
    ...(random.percent(25)
      ? [random.pick(['ARG BASE=conf/base', 'ARG BASE="conf/base" B', "ARG BASE='conf/base'"])]
      : []),
    ...(random.percent(15) ? [`ARG B=${random.pick(['$A', '$' + '{A:-1}', 'g', '', '"$TARGETARCH"'])}`] : []),
    ...(random.percent(8) ? [`ARG ${random.pick(KNOWN)}${random.pick(['', '=mine'])}`] : []),
    ...(random.percent(5) ? ['ARG C'] : []),
  ];
}

/** An ARG of a stage whose value comes from elsewhere, or that has a default of its own after all. */
export function randomScoped(random: RandomSource): string {
  const name = random.pick([...KNOWN, ...PROXIES, 'A', 'B', 'C', 'BASE', 'NAME']);
  const use = random.pick([`ENV S_${name}=$${name}`, `LABEL s="[$${name}]"`, `ARG C=$${name}`, '']);
  return `ARG ${name}${random.percent(25) ? '=own' : ''}${use === '' ? '' : `\n${use}`}`;
}

/** `--build-arg`. */
export function randomBuildArgs(random: RandomSource): Readonly<Record<string, string>> {
  const given: Record<string, string> = {};
  if (random.percent(30)) given.A = random.pick(['arg a', '', '7', '$B', "it's"]);
  if (random.percent(25)) given.NAME = 'a';
  if (random.percent(10)) given.B = 'bee';
  if (random.percent(8)) given[random.pick(PROXIES)] = 'http://proxy.invalid:1';
  if (random.percent(6)) given[random.pick(KNOWN)] = 'given';
  if (random.percent(4)) given.BASE = random.pick(['conf/bare', 'conf/base:latest', 'scratch']);
  if (random.percent(4)) given.BUILDKIT_SANDBOX_HOSTNAME = 'here';
  return given;
}

/** What stands behind FROM for an image. */
export function randomFromWord(random: RandomSource, image: string, hasGlobal: boolean): string {
  const isBase = image === 'conf/base';
  const variable = isBase && hasGlobal && random.percent(60);
  const spellings = [`${image}:latest`, `docker.io/${image}`, `$\{unset:-${image}}`];
  const plain = isBase && random.percent(12) ? random.pick(spellings) : image;
  const word = variable ? random.pick(['$BASE', '$' + '{BASE}', '"$BASE"']) : plain;
  if (!random.percent(8)) return word;
  return `--platform=${random.pick(['linux/amd64', '$BUILDPLATFORM', '$TARGETPLATFORM', 'linux', 'amd64', 'linux/x86_64'])} ${word}`;
}
