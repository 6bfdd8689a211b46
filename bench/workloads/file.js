import { rmSync } from 'node:fs';
import { copyAndHash } from '../floors.js';
import { oneFile } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';
import { MAIN_PEER } from '../row.js';

export const name = 'file';

/** One large file: what a copy costs for each byte. */
export async function* rows(bench) {
  const mebibytes = bench.count(1024);
  const what = `COPY of one file of ${mebibytes} MiB`;
  const build = (root, context, flags, memory) =>
    bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, ...flags, context], memory);
  const fresh = (round) => ({
    context: oneFile(bench.path(`file-${round}`), mebibytes),
    root: bench.path(`file-root-${round}`),
    copy: bench.path(`file-copy-${round}`),
  });
  const drop = ({ context, root, copy }) => {
    bench.remove(context, root, copy);
    bench.forget();
  };
  yield {
    id: 'file-cold',
    title: `${what}, cold`,
    prepare: fresh,
    ours: ({ root, context }, memory) => build(root, context, ['--no-cache'], memory),
    theirs: (peer, { context }) =>
      peer.build?.({ context, noCache: true }) ?? peer.insert?.(`${context}/big.bin`, '/big.bin'),
    floor: ({ context, copy }) => copyAndHash(bench, `${context}/big.bin`, copy),
    after: drop,
  };
  const known = fresh('known');
  const { context, root, copy } = known;
  yield {
    id: 'file-known',
    title: `${what}, --no-cache, context seen before`,
    warm: true,
    runs: Math.min(3, bench.options.runs),
    ours: (_, memory) => build(root, context, ['--no-cache'], memory),
    theirs: (peer) => (peer.name === MAIN_PEER ? peer.build({ context, noCache: true }) : undefined),
    floor: () => copyAndHash(bench, `${context}/big.bin`, copy),
    after: () => {
      bench.remove(root);
      rmSync(copy, { force: true });
    },
  };
  drop(known);
}
