import { randomCopy } from './random-copy.ts';
import type { RandomSource } from './random-source.ts';
import { randomGap, randomKey, randomPairs, randomWord } from './random-words.ts';

const COMMANDS = [
  ...['touch /f', 'mkdir -p /m/n && touch /m/n/o', 'rm -rf /w', 'rm -f /f', 'mkdir -p /q && ln -s /nowhere /q/l'],
  ...['echo "$A|$B|$C|$DIR" > /v', 'mkdir -p /o && echo x > /o/x && chown -R 5:6 /o', 'touch /t && chmod 4755 /t'],
  ...[
    'mkdir -p /h && echo 1 > /h/1 && ln /h/1 /h/2',
    'pwd > /pwd',
    'id > /id',
    'mv /f /g || true',
    'mkfifo /p',
    'true',
  ],
  ...['mkdir -p /m && rm -rf /m && mkdir /m', 'mkdir -p /w && chmod 1777 /w', 'umask > /um', 'echo $0 $# > /args'],
  ...['rm -rf /m/n; mkdir -p /m/n; touch /m/n/z', 'echo \'a  b\' \\\n  "c" > /e', 'rm -rf /etc && mkdir /etc'],
];
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
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['EXPOSE', ['80', '80/tcp 81/udp', '8000-8003', '080', '53/UDP', '1/sctp', '90 90', '"80"', '1-3/udp 2']],
  ['VOLUME', ['/v', '/v /u', '["/v","/v w"]', '/w/', 'rel', '/v/$B', '"/q"', '/']],
  ['USER', ['1', '1:2', 'root', 'app', 'nobody:nogroup', '"0"', '0 0', '65536']],
  ['WORKDIR', FOLDERS],
  ['SHELL', ['["/bin/sh","-c"]', '["/bin/sh","-ec"]', '["/bin/sh", "-x", "-c"]']],
  [
    'HEALTHCHECK',
    [
      ...['NONE', 'CMD true', '--interval=5s CMD ["a","b"]', '--timeout=1m30s --retries=3 CMD x $A', 'cmd lower'],
      ...['--start-period=2s --interval=1ms CMD a', '--retries=0 CMD a'],
    ],
  ],
  ['STOPSIGNAL', ['9', 'SIGTERM', 'sigkill', 'RTMIN+3', '64']],
  [
    'ONBUILD',
    ['RUN touch /ob', 'ENV O=$A', 'COPY a /ob-a', 'LABEL x="$B"', 'USER 4', 'WORKDIR ob', 'ARG Q=1', 'CMD ["x"]'],
  ],
]);

/** One instruction; RUN where the base has a shell. */
export function randomInstruction(random: RandomSource, paths: readonly string[], hasShell: boolean): string {
  const makers: readonly (() => string)[] = [
    () => `ENV ${randomPairs(random)}`,
    () => `ENV ${randomKey(random)} ${randomWord(random)} ${randomWord(random)}`,
    () => `LABEL ${randomPairs(random)}`,
    () => `LABEL ${random.pick(['"a b"', "'c'", 'l.m', '$A', '"$B"'])}=${randomWord(random)}`,
    () => `ARG ${randomKey(random)}${random.percent(60) ? `=${randomWord(random)}` : ''}`,
    () => `ARG A B=${randomWord(random)} C`,
    () => `MAINTAINER ${randomWord(random)}`,
    () => `CMD ${randomCommand(random)}`,
    () => `ENTRYPOINT ${randomCommand(random)}`,
    ...[...VALUES].map(
      ([keyword, values]) =>
        () =>
          `${keyword}${random.pick([' ', ' ', '  ', '\t'])}${random.pick(values)}`,
    ),
    ...Array.from({ length: 3 }, () => () => randomCopy(random, 'COPY', paths)),
    ...Array.from({ length: 2 }, () => () => randomCopy(random, 'ADD', paths)),
    ...(hasShell ? Array.from({ length: 3 }, () => () => randomRun(random)) : []),
    () => random.pick(['# comment', '', '  # indented', '#\tx', '   ']),
  ];
  return random.pick(makers)();
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
    '[ "sh" , "-c" ]',
    '["a",]',
    '[""]',
  ]);
}

function randomRun(random: RandomSource): string {
  const command = random.pick(COMMANDS);
  if (random.percent(70)) return `RUN${randomGap(random)}${command}`;
  return `RUN ${JSON.stringify(['/bin/sh', '-c', command.replaceAll('\\\n', ' ')])}`;
}
