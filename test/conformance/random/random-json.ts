import type { RandomSource } from './random-source.ts';

const WORDS = [
  ...[
    '"a"',
    '"$A"',
    '"\\u0041"',
    '"\\/"',
    '"\\n"',
    '""',
    '"\\\\"',
    '"\\""',
    '"\\t"',
    '"ü"',
    '"\\u00fc"',
    '"\\ud83d\\ude00"',
  ],
  ...['"\u{1f600}"', '"<&>"', '"\\u2028"', '"a b"', '"$' + '{A:-x}"', '"#"'],
];
const ODD_WORDS = [
  "'a'",
  '1',
  'null',
  'true',
  '["a"]',
  '{}',
  '"a',
  'a',
  '"\\x"',
  '"\\u12"',
  '"\\ud800"',
  '"a\tb"',
  '',
  '"a" "b"',
];

/** An array in JSON, or what looks like one and is taken for a shell's command. */
export function randomJson(random: RandomSource): string {
  const word = (): string => random.mostly(WORDS, ODD_WORDS);
  const words = random.several(1, 2, word).join(random.pick([',', ',', ', ', ' , ', ',\t', ', \\\n ']));
  const inside = random.pick([words, words, words, ` ${words} `]);
  return `[${inside}]${random.percent(6) ? random.pick([' ', ' x', ',', ']', '\t']) : ''}`;
}
