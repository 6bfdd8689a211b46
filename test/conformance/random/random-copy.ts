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
const OWNERS = ['1', '1:2', 'root', 'app', 'app:app', ':3', '0:0', '5:root', '70000:70001', 'nobody-here'];
const MODES = ['755', '0644', '4755', '7777', '0', '1', '600'];
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
const STAGE_PATHS = ['/', '/f', '/w', '/c', '/m', '/fr', '/e/*'];
const EXCLUDED = ['*.txt', '**/a', 'd', 'd/*', '!a', 'src/lib', '**/*.md'];

/** A COPY or ADD of paths of a context. */
export function randomCopy(random: RandomSource, verb: 'COPY' | 'ADD', paths: readonly string[]): string {
  const sources = random.several(1, random.percent(70) ? 0 : 2, () => randomSourceWord(random, paths));
  const destination = random.pick(DESTINATIONS);
  const flags = randomFlags(random);
  if (random.percent(12)) return `${verb} ${flags}${JSON.stringify([...sources, destination])}`;
  return [`${verb} ${flags}`.trimEnd(), ...sources, destination].join(randomGap(random));
}

function randomFlags(random: RandomSource): string {
  const flags = [
    ...(random.percent(20) ? [`--chown=${random.pick(OWNERS)}`] : []),
    ...(random.percent(15) ? [`--chmod=${random.pick(MODES)}`] : []),
    ...(random.percent(5) ? [`--exclude=${random.pick(EXCLUDED)}`] : []),
    ...(random.percent(3) ? ['--link'] : []),
  ];
  return flags.map((flag) => `${flag} `).join('');
}

/** Characters that a shell form would take for something else become a wildcard. */
function randomSourceWord(random: RandomSource, paths: readonly string[]): string {
  if (random.percent(8)) return random.pick(ELSEWHERE);
  const path = random.pick(paths).replaceAll(/[ "'\\$]/g, '?');
  return random.pick([path, path, path, './', '.', '*', `./${path}`, `/${path}`]);
}

/** A COPY out of an image or an earlier stage, by its number or name. */
export function randomCopyFrom(random: RandomSource, stages: readonly string[]): string {
  const from = random.pick(['conf/base', 'conf/base', ...stages]);
  const path = random.pick(from === 'conf/base' ? IMAGE_PATHS : STAGE_PATHS);
  return `COPY --from=${from} ${path} ${random.pick(['/fr/', '/', '/fr'])}`;
}
