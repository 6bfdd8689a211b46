import { type ContextEntry, file } from '../harness/case.ts';
import type { RandomSource } from './random-source.ts';

const WHOLE = [
  ...['*', '!a', '*.txt', 'd', '!d/e', 'd/*', '**/*.md', '!**/a', 'src', '# c', '', '/b', './c.md', 'a/', '[ab]', '!b'],
  ...[
    '**/b',
    'd/**',
    '..',
    'x y',
    '*/a',
    '.dockerignore',
    'Dockerfile',
    '\\a',
    '!.',
    'src/',
    '**',
    'd/e/**/a',
    '.',
    '!',
  ],
];
const PARTS = [
  ...[
    'a',
    'b',
    'd',
    'e',
    'f',
    'src',
    'lib',
    '*',
    '**',
    '?',
    '*.txt',
    'a*',
    '[a-c]',
    '[^a]',
    '.*',
    '..',
    '.',
    '**.md',
    'a**',
  ],
  ...[
    '\\*',
    'x y',
    '$d',
    '*.t?t',
    '[!a]',
    '-d',
    '~*',
    'z\\[1]',
    'we\\\\ird',
    '+',
    '(a)',
    'a|b',
    'b*|.t',
    'a{1}*',
    'b{2',
    '^a',
    '[a\\-c]',
  ],
];
const ODD = ['[', '[a', 'a\\', '[a-', '!!a', '! a', ' !a', '!/', '/', '//', '!..', '\ufeffa', '#a', ' # a', '\ta'];

/** The lines of a .dockerignore. */
function randomPattern(random: RandomSource): string {
  if (random.percent(35)) return random.pick(WHOLE);
  if (random.percent(3)) return random.pick(ODD);
  const path = random.several(1, 2, () => random.pick(PARTS)).join('/');
  const before = random.pick(['', '', '', '!', '!', '/', './', '!/']);
  return `${before}${path}${random.pick(['', '', '', '', '/', ' ', '/**'])}`;
}

/** A .dockerignore, and here and there one that BuildKit takes in its place, since it is called after the Dockerfile. */
export function randomIgnore(random: RandomSource): readonly ContextEntry[] {
  const lines = (): string => random.several(1, 4, () => randomPattern(random)).join(random.percent(8) ? '\r\n' : '\n');
  return [
    ...(random.percent(25) ? [file('.dockerignore', `${lines()}${random.pick(['\n', '\n', ''])}`)] : []),
    ...(random.percent(5) ? [file('Dockerfile.dockerignore', `${lines()}\n`)] : []),
  ];
}
