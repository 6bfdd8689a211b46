import type { RandomSource } from './random-source.ts';

/** What stands behind `<<`, and the line that ends the text. */
const MARKS: readonly (readonly [word: string, end: string])[] = [
  ...[
    ['E', 'E'],
    ['E', 'E'],
    ['"E"', 'E'],
    ["'E'", 'E'],
    ['-E', 'E'],
    ['-E', '\tE'],
  ],
  ...[
    ['-"E"', '\t\tE'],
    ["-'E'", 'E'],
    ['e.txt', 'e.txt'],
    ['"e f"', 'e f'],
    ['E"F"', 'EF'],
    ['$A', '$A'],
    ['d/e', 'd/e'],
  ],
] as const satisfies readonly (readonly [string, string])[];
const ODD_MARKS = [
  ['', ''],
  ['E', 'e'],
  ['E', ' E'],
  ['E', 'E '],
  ['..', '..'],
  ['-', '-'],
  ['\\E', 'E'],
] as const;
const TEXTS = [
  ...[
    'text $A',
    `\tindented $\{B:-x}`,
    '\t\tdeeper',
    '',
    'a\\$A \\b',
    '\'q\' "w"',
    '# comment',
    ' # c',
    'FROM scratch',
  ],
  ...[
    '\\',
    'ends \\',
    '$',
    'ü',
    '<<X',
    '$$A',
    `"$\{A}`,
    '`x`',
    `$\{DIR}/$unset.`,
    'E1',
    ' \t',
    "it's",
    '$(id)',
    '\\\\$A',
  ],
];
const ODD_TEXTS = [`$\{A`, `$\{A:?gone}`, `$\{}`];
const LINES = [
  ...['touch /f', 'mkdir -p /m/n', 'echo "$A|$B" > /v', 'cd /m 2>/dev/null', 'pwd > /pwd', 'rm -rf /w', '# comment'],
  ...[
    'echo a \\',
    'if true; then',
    'fi',
    'for i in 1 2; do touch /i$i; done',
    "echo 'x",
    "y' > /xy",
    '',
    '\techo t > /t',
  ],
];

/** One instruction with texts behind it. Both tools have to refuse those whose end does not come. */
export function randomHeredoc(random: RandomSource, destination: () => string, hasShell: boolean): string {
  const instruction = hasShell && random.percent(50) ? randomRun(random) : randomCopy(random, destination);
  return random.percent(6) ? `ONBUILD ${instruction}` : instruction;
}

interface Heredoc {
  readonly word: string;
  /** The text with the line that ends it. */
  readonly rest: string;
}

function randomText(random: RandomSource, lines: readonly string[], number = ''): Heredoc {
  const [word, end] = random.mostly(MARKS, ODD_MARKS, 3);
  const odd = random.percent(3) ? [random.pick(ODD_TEXTS)] : [];
  const text = [...random.several(0, 4, () => random.pick(lines)), ...odd];
  const blanks = random.percent(8) ? random.pick([' ', '  ', '\t', ' \\\n ']) : '';
  return { word: `<<${blanks}${word}${number}`, rest: [...text, `${end}${number}`].join('\n') };
}

function randomCopy(random: RandomSource, destination: () => string): string {
  const count = random.percent(70) ? 1 : 2;
  const texts = Array.from({ length: count }, (_, at) => randomText(random, TEXTS, count === 1 ? '' : String(at)));
  const flags = random.pick(['', '', '', '--chown=1:2 ', '--chmod=4711 ', '--chown=app ', '--chmod=go-r ']);
  const more = random.percent(10) ? [random.pick(['a', '.', '*', 'nothere'])] : [];
  const words = [...texts.map(({ word }) => word), ...more, destination()];
  return [`${random.percent(75) ? 'COPY' : 'ADD'} ${flags}${words.join(' ')}`, ...texts.map(({ rest }) => rest)].join(
    '\n',
  );
}

function randomRun(random: RandomSource): string {
  const script = randomText(random, LINES);
  const text = randomText(random, TEXTS);
  const other = randomText(random, TEXTS, '2');
  return random.pick([
    () => `RUN ${script.word}\n${script.rest}`,
    () =>
      `RUN  ${script.word}  \n${random.pick(['#!/bin/sh', '#!/bin/sh -x', '#!/bin/busybox sh', ' #!/no'])}\n${script.rest}`,
    () => `RUN sh ${script.word} || true\n${script.rest}`,
    () => `RUN ${script.word} sh\n${script.rest}`,
    () => `RUN cat ${text.word} > /h1\n${text.rest}`,
    () => `RUN ${text.word} cat > /h2\n${text.rest}`,
    () => `RUN cat 3${text.word} <&3 > /h3\n${text.rest}`,
    () => `RUN cat ${text.word} > /h4 && cat ${other.word} > /h5\n${text.rest}\n${other.rest}`,
    () => `RUN ["/bin/sh","-c","cat ${text.word.replaceAll('"', '')}"]\n${text.rest}`,
    () => `RUN cat ${text.word} \\\n  > /h6\n${text.rest}`,
  ])();
}
