import { BASE, baseImage } from '../inputs/base.js';
import { unpackRootfs } from '../inputs/bundle.js';
import { manyStages } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';
import { MAIN_PEER } from '../row.js';

export const name = 'stages';

/** Copies the folder of a stage, reads it through sha256, and runs its command by chroot: each stage on its own. */
const floorScript = (sha256, command) => `
  for i in $(seq 0 $(($3 - 1))); do
    (cp -a "$1/d$i" "$2/rootfs/src-$i"; find "$2/rootfs/src-$i" -type f -print0 | xargs -0 ${sha256} > /dev/null
     chroot "$2/rootfs" /bin/sh -c 'find /src-'$i' -type f | xargs cat | sha256sum > /out-'$i${command}) &
  done; wait`;

/** Stages that need nothing of each other: BuildKit builds them at the same time, classic one after the other. */
export async function* rows(bench) {
  const root = bench.path('stages-root');
  const base = await baseImage(bench, root);
  if (base === undefined) return;
  const stages = 10;
  const bundle = bench.path('stages-bundle');
  unpackRootfs(base, bundle);
  for (const [id, title, wait] of [
    ['stages', `${stages} stages of COPY and RUN`, ''],
    ['stages-wait', `${stages} stages of COPY and a RUN that waits 0.2 s`, ' && sleep 0.2'],
  ]) {
    const context = manyStages(bench.path(id), BASE, stages, bench.count(400), wait);
    yield {
      id,
      title,
      ours: (_, memory) =>
        bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, '--no-cache', context], memory),
      theirs: (peer) => (wait === '' || peer.name === MAIN_PEER ? peer.build?.({ context, noCache: true }) : undefined),
      floor: () => bench.shell(floorScript(bench.sha256, wait), context, bundle, String(stages)),
      after: () => bench.shell('rm -rf "$1"/src-* "$1"/out-*', `${bundle}/rootfs`),
    };
    bench.remove(context);
  }
  bench.remove(root, base, bundle);
  bench.forget();
}
