import { randomDownload } from './random-brought.ts';
import { randomCopy, randomDestination } from './random-copy.ts';
import { randomHealthcheck } from './random-healthcheck.ts';
import { randomHeredoc } from './random-heredoc.ts';
import { randomJson } from './random-json.ts';
import { randomMount } from './random-mount.ts';
import { randomPorts } from './random-ports.ts';
import { randomRun } from './random-run.ts';
import { randomScoped } from './random-scope.ts';
import type { RandomSource } from './random-source.ts';
import { randomKey, randomPairs, randomWord } from './random-words.ts';

const FOLDERS = [
  ...[
    '/w',
    'rel',
    '/w/$A',
    '$' + '{DIR}',
    '/a/../b',
    './x',
    '/',
    '..',
    '/w/',
    '"/q d"',
    "/s' 'd",
    '/ü',
    '$unset',
    '/d\\ e',
  ],
  ...['//x//y', '.'],
];
const TRIGGERS = [
  ...['RUN touch /ob', 'ENV O=$A', 'COPY a /ob-a', 'LABEL x="$B"', 'USER 4', 'WORKDIR ob', 'ARG Q=1', 'CMD ["x"]'],
];
const LITERALS = [
  'sh',
  '-c',
  'echo',
  'a b',
  '$A',
  '$' + '{B}',
  '',
  "it's",
  'x"y',
  'ü',
  '\\',
  '<&>',
  '\u2028',
  '/bin/sh',
  'a\tb',
];
/** Words of an instruction, and those that often end a build. */
const VALUES: ReadonlyMap<string, readonly [usual: readonly string[], odd: readonly string[]]> = new Map([
  [
    'VOLUME',
    [
      ['/v', '/v /u', '["/v","/v w"]', '/w/', 'rel', '/v/$B', '"/q"', '/'],
      ['', '""', '["/v",]', '[1]', '$A'],
    ],
  ],
  [
    'USER',
    [
      ['1', '1:2', 'root', 'app', '0:staff', '"0"', '65536'],
      ['nobody:nogroup', '0 0', '', '$A', ':1', '-1'],
    ],
  ],
  ['WORKDIR', [FOLDERS, ['$A$A', '""', '/a b', '["/x"]', '/etc/motd', '$' + '{x', '~']]],
  [
    'SHELL',
    [
      [
        '["/bin/sh","-c"]',
        '["/bin/sh","-ec"]',
        '["/bin/sh", "-x", "-c"]',
        '["sh", "-c"]',
        '["/bin/sh", "-c", "true;"]',
      ],
      ['["$A","-c"]', '[]', 'sh -c', '["sh" "-c"]', '[""]'],
    ],
  ],
  [
    'STOPSIGNAL',
    [
      ['9', 'SIGTERM', 'sigkill', 'RTMIN+3', '64', 'SIGRTMAX-3', '$' + '{C:-15}', '1 5', 'Term'],
      ['$A', '0', '65', '-1', 'SIGNONE', 'SIGSIGTERM', '009', ''],
    ],
  ],
]);

/** What the instructions of a stage may name, and who is to build them. */
export interface StageScope {
  readonly paths: readonly string[];
  /** Names and numbers of the stages before. */
  readonly stages: readonly string[];
  /** RUN is chosen only where the base has a shell. */
  readonly hasShell: boolean;
  /** Whether BuildKit alone builds it: then there are mounts and `--chmod`, which the classic builder refuses. */
  readonly isModern: boolean;
  /** Whether a web server has something. */
  readonly usesWeb: boolean;
  /** The beginning of ids of caches. */
  readonly cache: string;
}

/** One instruction, or an ARG and what uses it. */
export function randomInstruction(random: RandomSource, scope: StageScope): string {
  const { paths, hasShell, isModern } = scope;
  const makers: readonly (() => string)[] = [
    () => `ENV ${randomPairs(random)}`,
    () => `ENV ${randomKey(random)} ${randomWord(random)} ${randomWord(random)}`,
    () => `LABEL ${randomPairs(random)}`,
    () => `LABEL ${random.pick(['"a b"', "'c'", 'l.m', '$A', '"$B"'])}=${randomWord(random)}`,
    () => `ARG ${randomKey(random)}${random.percent(60) ? `=${randomWord(random)}` : ''}`,
    () => random.pick([() => `ARG A B=${randomWord(random)} C`, () => randomScoped(random)])(),
    () => `MAINTAINER ${randomWord(random)}`,
    () => `CMD ${randomCommand(random)}`,
    () => `ENTRYPOINT ${randomCommand(random)}`,
    () => randomHealthcheck(random),
    () => `EXPOSE ${randomPorts(random)}`,
    ...[...VALUES].map(
      ([keyword, [usual, odd]]) =>
        () =>
          `${keyword}${random.pick([' ', ' ', '  ', '\t'])}${random.mostly(usual, odd)}`,
    ),
    ...Array.from({ length: 3 }, () => () => randomCopy(random, 'COPY', paths, isModern)),
    ...Array.from({ length: 2 }, () => () => randomCopy(random, 'ADD', paths, isModern)),
    ...(hasShell ? Array.from({ length: 4 }, () => () => randomRun(random)) : []),
    ...(isModern ? Array.from({ length: 3 }, () => () => randomModern(random, scope)) : []),
    ...(scope.usesWeb ? [() => randomDownload(random, isModern)] : []),
    () => randomTrigger(random, scope),
    () => random.pick(['# comment', '', '  # indented', '#\tx', '   ']),
  ];
  return random.pick(makers)();
}

function randomModern(random: RandomSource, scope: StageScope): string {
  if (scope.hasShell && random.percent(50)) return randomMount(random, scope);
  return randomHeredoc(random, () => randomDestination(random), scope.hasShell);
}

/** A trigger fires in a stage that stands on this one; a whole instruction of any kind, refused where it is one of its own kind. */
function randomTrigger(random: RandomSource, scope: StageScope): string {
  if (random.percent(50)) return `ONBUILD ${random.pick(TRIGGERS)}`;
  return `ONBUILD ${randomInstruction(random, { ...scope, isModern: false }).trim()}`;
}

function randomCommand(random: RandomSource): string {
  const words = JSON.stringify(random.several(1, 2, () => random.pick(LITERALS)));
  return random.pick([
    words,
    words,
    'echo $A',
    '[]',
    '["a" "b"]',
    "['a']",
    '  two   spaces',
    '["a",]',
    randomJson(random),
    randomJson(random),
    randomJson(random),
  ]);
}
