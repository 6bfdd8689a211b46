import { spawnSync } from 'node:child_process';
import { startNode } from '../floors.js';
import { BASE, baseImage } from '../inputs/base.js';
import { unpackRootfs, writeBundle } from '../inputs/bundle.js';
import { manyRuns } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';

export const name = 'runs';

const COMMAND = ['/bin/sh', '-c', 'echo 1 > /file-1'];

/** crun 1.8 refuses a host with both versions of control groups, unless it does not see the second. */
const ONE_VERSION = 'umount -l /sys/fs/cgroup/unified 2> /dev/null || true';

/** What carries RUN out, and the same number of trivial commands by it alone: no snapshot, no layer. */
const RUNTIMES = [
  ['runc', 'for i in $(seq $1); do runc run -b "$2" layerlab-bench-$i || exit 1; done'],
  [
    'crun',
    `unshare -m bash -c '${ONE_VERSION}; for i in $(seq $1); do crun --cgroup-manager=cgroupfs run -b "$2" layerlab-bench-$i || exit 1; done' floor "$1" "$2"`,
  ],
  ['chroot', `for i in $(seq $1); do chroot "$2/rootfs" ${COMMAND[0]} ${COMMAND[1]} '${COMMAND[2]}'; done`],
];

/** Many trivial commands: what a RUN costs beyond the command. */
export async function* rows(bench) {
  const lines = bench.count(50);
  const root = bench.path('runs-root');
  const base = await baseImage(bench, root);
  if (base === undefined) return;
  const context = manyRuns(bench.path('runs'), BASE, lines);
  const bundle = bench.path('bundle');
  unpackRootfs(base, bundle);
  writeBundle(bundle, COMMAND);
  const build = (flags, memory) =>
    bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, ...flags, context], memory);
  const what = `${lines} RUN lines`;
  let peersOf;
  for (const [runtime, floor] of RUNTIMES) {
    if (spawnSync(runtime, ['--version']).error !== undefined) {
      bench.leftOut(`RUN by ${runtime}`, 'it is not installed');
      continue;
    }
    const id = `runs-${runtime}`;
    yield {
      id,
      title: `${what}, ${runtime}`,
      ours: (_, memory) => build(['--no-cache', '--runtime', runtime], memory),
      // Docker's daemons run runc: the same times stand beside all of ours.
      theirs: peersOf === undefined ? (peer) => peer.build?.({ context, noCache: true }) : undefined,
      floor: () => bench.shell(floor, String(lines), bundle),
      peersOf,
    };
    peersOf ??= id;
  }
  yield {
    id: 'runs-classic',
    title: `${what}, classic builder`,
    runs: Math.min(3, bench.options.runs),
    ours: (_, memory) => build(['--no-cache', '--builder', 'classic'], memory),
    peersOf,
    against: 'classic-28',
  };
  yield {
    id: 'runs-cached',
    title: `${what}, cached`,
    warm: true,
    light: true,
    ours: (_, memory) => build([], memory),
    theirs: (peer) => peer.build?.({ context }),
    floor: () => startNode(bench),
  };
  bench.remove(root, base, context, bundle);
  bench.forget();
}
