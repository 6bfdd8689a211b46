import { BASE, baseImage } from '../inputs/base.js';
import { manyRuns, manyStages, oneFile, smallFiles } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';
import { MAIN_PEER } from '../row.js';

export const name = 'growth';

/** Smaller sizes of what other workloads time: with theirs, how cost grows. The drawing is made of these. */
export async function* rows(bench) {
  const runs = Math.min(3, bench.options.runs);
  const mainPeer = (peer, context) => (peer.name === MAIN_PEER ? peer.build({ context, noCache: true }) : undefined);
  const build = (root, context, memory) =>
    bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, '--no-cache', context], memory);
  const cold = (id, title, write) => ({
    id,
    title,
    runs,
    prepare: (round) => ({ context: write(bench.path(`${id}-${round}`)), root: bench.path(`${id}-root-${round}`) }),
    ours: ({ root, context }, memory) => build(root, context, memory),
    theirs: (peer, { context }) => mainPeer(peer, context),
    after: ({ context, root }) => {
      bench.remove(context, root);
      bench.forget();
    },
  });
  for (const full of [1000, 5000, 10_000]) {
    const files = bench.count(full);
    yield cold(`growth-files-${full}`, `COPY of ${files} files`, (folder) => smallFiles(folder, files));
  }
  for (const full of [64, 256, 512]) {
    const size = bench.count(full);
    yield cold(`growth-bytes-${full}`, `COPY of ${size} MiB`, (folder) => oneFile(folder, size));
  }
  const root = bench.path('growth-root');
  const archive = await baseImage(bench, root);
  if (archive === undefined) return;
  for (const lines of [1, 10, 25]) {
    const context = manyRuns(bench.path('growth-runs'), BASE, lines);
    yield {
      id: `growth-runs-${lines}`,
      title: `${lines} RUN lines`,
      runs,
      ours: (_, memory) => build(root, context, memory),
      theirs: (peer) => mainPeer(peer, context),
    };
  }
  for (const stages of [1, 2, 5]) {
    const context = manyStages(bench.path(`growth-stages-${stages}`), BASE, stages, bench.count(400));
    yield {
      id: `growth-stages-${stages}`,
      title: `${stages} stages`,
      runs,
      ours: (_, memory) => build(root, context, memory),
      theirs: (peer) => mainPeer(peer, context),
    };
    bench.remove(context);
  }
  bench.remove(root, archive, bench.path('growth-runs'));
  bench.forget();
}
