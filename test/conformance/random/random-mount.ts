import type { RandomSource } from './random-source.ts';

/** What a mount may come from: the context's paths, and stages by number or name. */
export interface MountSources {
  readonly paths: readonly string[];
  readonly stages: readonly string[];
  /** Begins the ids of caches, which outlive a build: one of a stage's own, since stages run side by side. */
  readonly cache: string;
}

const TARGETS = [
  '/mn',
  '/mn/x',
  '/etc',
  '/m',
  '/opt/current',
  '/new/a/b',
  'rel',
  '/mn/$A',
  '/home/app',
  '/lib/z',
  '/mn/../o',
];
const ODD_TARGETS = ['/', '', '.', '/proc/x', '/etc/motd', '..', '/opt/absolute/', '$unset'];
const MODES = ['0700', '755', '01777', '0', '4755'];
const ODD_FIELDS = [
  'foo=x',
  'ro=maybe',
  'mode=9',
  'uid=-1',
  'readonly',
  'sharing=odd',
  'size=x',
  'target',
  'TYPE=bind',
];
/** Sizes are those of files alone: a folder's is the file system's own. */
const LIST = `find . -exec stat -c '%n %F %a %u:%g' {} + | sort`;

/** A RUN with one mount or several. The command writes what it saw into the layer. */
export function randomMount(random: RandomSource, sources: MountSources): string {
  const mounts = random.several(1, random.percent(70) ? 0 : 2, () => randomMountFlag(random, sources));
  const network = random.percent(8) ? [random.pick(['--network=none', '--network=default', '--network=NONE'])] : [];
  const [first = ''] = mounts;
  const target = /(?:target|dst|destination)=([^,]*)/.exec(first)?.[1] ?? '/run/secrets';
  const place = target === '' || target === '/' ? '/mn' : target;
  const commands = [
    `cd "${place}" && ${LIST} > /seen || true`,
    `cat ${place}/* ${place}/a > /seen 2>&1 || true`,
    `echo 1 >> ${place}/n; touch ${place}; ls ${place} > /seen || true`,
    `rm -rf ${place}/* ; mkdir -p ${place}/y/z || true`,
    `echo "$S" > /seen; stat -c '%n %F %a %u:%g' ${place} >> /seen || true`,
    'true',
    'mkdir -p /mn /new && touch /mn/f /new/f || true',
    `touch -d @1000000000 /etc / || true`,
  ];
  const command = random.pick(commands);
  const text = random.percent(10) ? `<<E\n${command}\nE` : command;
  return ['RUN', ...mounts.map((mount) => `--mount=${mount}`), ...network, text].join(
    random.pick([' ', ' ', ' ', ' \\\n ']),
  );
}

function randomMountFlag(random: RandomSource, sources: MountSources): string {
  const target = `${random.pick(['target', 'target', 'dst', 'destination'])}=${random.mostly(TARGETS, ODD_TARGETS)}`;
  const fields = random.pick([
    () => ['type=bind', ...randomBind(random, sources), target],
    () => [...randomBind(random, sources), target],
    () => ['type=cache', ...randomCache(random, sources), target],
    () => ['type=tmpfs', ...(random.percent(40) ? [random.pick(['size=1m', 'size=65536', 'size=2MB'])] : []), target],
    () => ['type=secret', ...randomSecret(random), ...(random.percent(40) ? [target] : [])],
  ])();
  const odd = random.percent(3) ? [random.pick(ODD_FIELDS)] : [];
  const all = [...fields, ...odd];
  if (random.percent(20)) all.reverse();
  return random.percent(5) ? `"${all.join(',')}"` : all.join(',');
}

function randomBind(random: RandomSource, { paths, stages }: MountSources): readonly string[] {
  const writes = random.percent(40)
    ? [random.pick(['rw', 'ro', 'readonly=false', 'rw=true', 'readwrite', 'ro=0'])]
    : [];
  if (random.percent(40)) {
    const from = random.pick([...stages, 'conf/base', 'scratch']);
    const inside = random.pick(['/etc', 'etc', '/opt/current', '/m', '/lib/one.txt', '/', '/opt/absolute/sub', '/w']);
    return [`from=${from}`, ...(random.percent(60) ? [`${random.pick(['source', 'src'])}=${inside}`] : []), ...writes];
  }
  const path = random.pick(paths);
  const plain = /[ ,"'\\$*?[\]]/.test(path) ? '.' : path;
  return [...(random.percent(60) ? [`source=${random.pick(['', '', '/', './'])}${plain}`] : []), ...writes];
}

function randomCache(random: RandomSource, { stages, cache }: MountSources): readonly string[] {
  return [
    `id=${cache}-${random.below(2)}`,
    ...(random.percent(30) ? [`mode=${random.pick(MODES)}`] : []),
    ...(random.percent(30) ? ['uid=7', 'gid=8'] : []),
    ...(random.percent(20) ? [`sharing=${random.pick(['shared', 'locked', 'private'])}`] : []),
    ...(random.percent(15) ? [random.pick(['ro', 'rw', 'readonly'])] : []),
    ...(random.percent(15) ? [`from=${random.pick([...stages, 'conf/base'])}`] : []),
  ];
}

function randomSecret(random: RandomSource): readonly string[] {
  return [
    ...(random.percent(80) ? [`id=${random.pick(['token', 'token', 'token', 'empty', 'absent'])}`] : []),
    ...(random.percent(30) ? [random.pick(['env=S', 'env=A', 'env=PATH2'])] : []),
    ...(random.percent(30) ? [`mode=${random.pick(MODES)}`] : []),
    ...(random.percent(20) ? ['uid=7', 'gid=8'] : []),
    ...(random.percent(10) ? ['required'] : []),
  ];
}
