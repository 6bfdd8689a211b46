import type { RandomSource } from './random-source.ts';

const VARIABLES = ['A', 'B', 'C', 'DIR', 'NAME', 'PATH', 'HOME', 'unset', 'X_1'];
const KEYS = ['A', 'B', 'C', 'DIR', 'NAME', 'X_1', 'k.e-y', 'l'];
const LETTERS = ['a', 'b', 'xy', '1', '/p', '.', ',', ':', '=', '-', '@', 'ü', '%', '*', '~', 'bc'];
const ESCAPED = ['\\ ', '\\\\', '\\"', "\\'", '\\x', '\\t', '$'];
const QUOTED = ['a b', 'q', '', '\\"', '\\\\', "'", '\\n', '\t', '\\a', '$$'];
const LITERAL = ['a b', 's', '', '"', '\\', '$A', '\\n'];
const GAPS = [' ', ' ', ' ', '  ', '\t', ' \\\n ', ' \\\n# c\n  ', ' \\\n\n'];

/** A variable in one of the forms that the shell's parameters have. */
export function randomVariable(random: RandomSource): string {
  const name = random.pick(VARIABLES);
  const forms = [
    '',
    ':-def',
    ':+set',
    '-d',
    '+s',
    ':-$' + '{B}',
    '#*a',
    '##*/',
    '%e',
    '%%/*',
    '/a/b',
    '//a/bb',
    ':-"q d"',
    ":-'s d'",
    ':-a\\}b',
  ];
  return random.pick([`$${name}`, `\\$${name}`, ...forms.map((form) => `$\{${name}${form}}`)]);
}

/** A word as ENV, ARG and LABEL take it, quoted here and there. */
export function randomWord(random: RandomSource): string {
  const pieces: readonly (() => string)[] = [
    () => random.pick(LETTERS),
    () => random.pick(LETTERS),
    () => randomVariable(random),
    () => randomVariable(random),
    () => `"${random.pick(QUOTED)}${random.percent(40) ? randomVariable(random) : ''}"`,
    () => `'${random.pick(LITERAL)}'`,
    () => random.pick(ESCAPED),
  ];
  return random.several(1, 3, () => random.pick(pieces)()).join('');
}

/** What stands between two words: a line may end there, and a comment may follow. */
export const randomGap = (random: RandomSource): string => random.pick(GAPS);

export const randomKey = (random: RandomSource): string => random.pick(KEYS);

/** `key=word` several times. */
export function randomPairs(random: RandomSource): string {
  return random.several(1, 2, () => `${randomKey(random)}=${randomWord(random)}`).join(randomGap(random));
}
