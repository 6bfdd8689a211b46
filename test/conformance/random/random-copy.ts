import type { RandomSource } from './random-source.ts';
import { randomGap } from './random-words.ts';

const DESTINATIONS = [
  ...[
    '/',
    '/c',
    '/c/',
    './',
    '.',
    'r',
    'r/',
    '/w/x/y/',
    '/w/x',
    '/l/$A/',
    '$' + '{DIR}/',
    '/c/../e/',
    '/etc/',
    '/etc/hosts2',
  ],
  ...['..', '/m/', '/m/n/', '/w/', '/lib/', '/opt/current/', '/opt/absolute', '/home/app/', '/var/run/x/'],
];
const ELSEWHERE = ['[ab]', '?', '**', 's*', '*.t?z', '../a', 'nothere', 'd/../a', 'src/lib/..', '/a', '$NAME'];
const OWNERS = ['1', '1:2', 'root', 'app', 'app:app', '0:0', '5:root', '70000:70001', 'bin', '0:staff'];
const ODD_OWNERS = [':3', 'nobody-here', '-1', '1:', '$A', '', '4294967295', '1:2:3', 'app:50', ' '];
const MODES = [
  '755',
  '0644',
  '4755',
  '7777',
  '0',
  '1',
  '600',
  'u+x',
  'go-w',
  'a=rX',
  'u=rwX,go=rX',
  '+x',
  'ug+s',
  'o=u',
  'a-x+X',
];
const ODD_MODES = ['08', '10000', '-1', '""', 'u', 'rwx', '$A', 'u=rwx,', '+t'];
const IMAGE_PATHS = [
  '/etc',
  '/opt/current',
  '/opt/absolute/',
  '/opt',
  '/etc/*',
  '/',
  '/home/app',
  '/lib',
  '/opt/data/a.txt',
  '/opt/d*',
];
const EXTRA_PATHS = ['/', '.', 'etc', '/etc/*', 'f', '/w', '/w/e1', 'nothere', '/a.tar'];
const STAGE_PATHS = [
  '/',
  '/',
  '/opt',
  '/opt/*',
  '/m',
  '/usr',
  '/home/app',
  '/[a-m]*',
  '/f',
  '/w',
  '/c',
  '/fr',
  '/e/*',
  '/srv/',
];
const EXCLUDED = ['*.txt', '**/a', 'd', 'd/*', '!a', 'src/lib', '**/*.md'];

/** @param mayChmod whether `--chmod` is chosen, which the classic builder refuses */
export function randomCopy(
  random: RandomSource,
  verb: 'COPY' | 'ADD',
  paths: readonly string[],
  mayChmod: boolean,
): string {
  const sources = random.several(1, random.percent(70) ? 0 : 2, () => randomSourceWord(random, paths));
  const destination = randomDestination(random);
  const flags = randomFlags(random, mayChmod);
  if (random.percent(12)) return `${verb} ${flags}${JSON.stringify([...sources, destination])}`;
  return [`${verb} ${flags}`.trimEnd(), ...sources, destination].join(randomGap(random));
}

function randomFlags(random: RandomSource, mayChmod: boolean): string {
  const flags = [
    ...(random.percent(20) ? [`--chown=${random.mostly(OWNERS, ODD_OWNERS, 8)}`] : []),
    ...(mayChmod && random.percent(15) ? [`--chmod=${random.mostly(MODES, ODD_MODES)}`] : []),
    ...(random.percent(5) ? [`--exclude=${random.pick(EXCLUDED)}`] : []),
    ...(random.percent(5) ? [random.pick(['--link', '--link', '--link=false', '--link=TRUE'])] : []),
    ...(random.percent(1) ? [random.pick(['--parents', '--link=x', '--checksum=a', '--from=', '--keep-git-dir'])] : []),
  ];
  return flags.map((flag) => `${flag} `).join('');
}

/** Characters that a shell form would take for something else become a wildcard. */
function randomSourceWord(random: RandomSource, paths: readonly string[]): string {
  if (random.percent(8)) return random.pick(ELSEWHERE);
  const path = random.pick(paths).replaceAll(/[\p{C}\p{Z}"'\\$]/gu, '?');
  return random.pick([path, path, path, './', '.', '*', `./${path}`, `/${path}`]);
}

/** A COPY out of an image or an earlier stage, by its number or name. */
export function randomCopyFrom(random: RandomSource, stages: readonly string[]): string {
  const from = random.pick(['conf/base', 'conf/base', ...stages]);
  const path = random.pick(from === 'conf/base' ? IMAGE_PATHS : from === 'extra' ? EXTRA_PATHS : STAGE_PATHS);
  const flags = random.pick(['', '', '', '', '--chown=7:8 ', '--link ', '--exclude=*.txt ', '--exclude=**/s* ']);
  return `COPY ${flags}--from=${from} ${path} ${random.pick(['/fr/', '/', '/fr'])}`;
}

/** Where a COPY goes to. */
export const randomDestination = (random: RandomSource): string => random.pick(DESTINATIONS);
