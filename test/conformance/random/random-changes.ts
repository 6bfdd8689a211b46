import type { RandomSource } from './random-source.ts';

const PATHS = [
  ...[
    '/c',
    '/m',
    '/m/n',
    '/m/n/o',
    '/f',
    '/g',
    '/w',
    '/w/x',
    '/opt/data',
    '/opt/data/a.txt',
    '/opt/data/sub',
    '/opt/current',
  ],
  ...[
    '/etc/motd',
    '/home/app',
    '/lib',
    '/usr/lib',
    '/usr/lib/one.txt',
    '/opt/tool',
    '/opt',
    '/srv',
    '/tmp',
    '/fr',
    '/root',
  ],
];
const OWNERS = ['5:6', 'app', ':staff', '0:0'];
const MODES = ['4755', '700', '0', 'a+rwX', '1777', 'g+s', 'u-w'];
const TIMES = ['1000000000', '1', '1500000000.5', '4000000000'];

/**
 * A command of several changes to few paths, so that they meet those of the layers below: removed and made anew, renamed,
 * linked across layers, changed in nothing but the mode.
 */
export function randomChanges(random: RandomSource): string {
  return random.several(1, 4, () => `${randomChange(random)} || true`).join('; ');
}

function randomChange(random: RandomSource): string {
  const path = random.pick(PATHS);
  const other = random.pick(PATHS);
  return random.pick([
    `rm -rf ${path}`,
    `rm -rf ${path}; mkdir -p ${path}`,
    `rm -rf ${path}; echo ${path} > ${path}`,
    `mkdir -p ${path}`,
    `mv ${path} ${other}`,
    `mv -T ${path} ${other}`,
    `ln ${path} ${other}`,
    `ln -f ${path} ${other}x`,
    `ln -sfn ${path} ${other}`,
    `cp -a ${path} ${other}`,
    `cp -R ${path} ${other}y`,
    `chmod ${random.pick(MODES)} ${path}`,
    `chmod -R ${random.pick(MODES)} ${path}`,
    `chown ${random.pick(OWNERS)} ${path}`,
    `chown -hR ${random.pick(OWNERS)} ${path}`,
    `echo more >> ${path}`,
    `: > ${path}`,
    `touch -hd @${random.pick(TIMES)} ${path}`,
    `mkdir -p ${path}; touch ${path}/k; touch -d @${random.pick(TIMES)} ${path}/k ${path}`,
    `mkfifo ${path}p`,
    `mknod ${path}d c 1 ${random.below(9)}`,
    `dd if=/dev/zero of=${path}z bs=1 count=1 seek=${random.pick(['511', '512', '70000'])}`,
    `truncate -s 0 ${path}`,
    `mv ${path} /tmp/hold; mkdir ${path}; mv /tmp/hold ${path}/back`,
  ]);
}
