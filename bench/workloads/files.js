import { appendFileSync, rmSync } from 'node:fs';
import { copyAndHash, lookAtAll } from '../floors.js';
import { smallFiles } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';
import { MAIN_PEER } from '../row.js';

export const name = 'files';

/** Many small files: what a copy costs for each of them. */
export async function* rows(bench) {
  const files = bench.count(20_000);
  const what = `COPY of ${files.toLocaleString('en')} files`;
  const build = (root, context, flags, memory) =>
    bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, ...flags, context], memory);

  /** Rows that no goal is about. */
  const aside = Math.min(3, bench.options.runs);

  // docker's client sends a context that it has sent before only where it changed: each cold round has a folder of its own.
  const fresh = (round) => ({
    context: smallFiles(bench.path(`files-${round}`), files),
    root: bench.path(`files-root-${round}`),
    copy: bench.path(`files-copy-${round}`),
  });
  const drop = ({ context, root, copy }) => {
    bench.remove(context, root, copy);
    bench.forget();
  };
  const theirs = (peer, { context }) =>
    peer.build?.({ context, noCache: true }) ?? peer.insert?.(`${context}/files`, '/files');
  const floor = ({ context, copy }) => copyAndHash(bench, `${context}/files`, copy);
  yield {
    id: 'files-cold',
    title: `${what}, cold`,
    prepare: fresh,
    ours: ({ root, context }, memory) => build(root, context, ['--no-cache'], memory),
    theirs,
    floor,
    after: drop,
  };
  yield {
    id: 'files-cold-classic',
    title: `${what}, cold, classic builder`,
    prepare: fresh,
    runs: aside,
    ours: ({ root, context }, memory) => build(root, context, ['--no-cache', '--builder', 'classic'], memory),
    floor,
    after: drop,
    peersOf: 'files-cold',
    against: 'classic-28',
  };

  const known = fresh('known');
  const { context, root, copy } = known;
  yield {
    id: 'files-known',
    title: `${what}, --no-cache, context seen before`,
    warm: true,
    runs: aside,
    ours: (_, memory) => build(root, context, ['--no-cache'], memory),
    theirs: (peer) => (peer.name === MAIN_PEER ? peer.build({ context, noCache: true }) : undefined),
    floor: () => copyAndHash(bench, `${context}/files`, copy),
    after: () => rmSync(copy, { recursive: true, force: true }),
  };
  yield {
    id: 'files-unchanged',
    title: `${what}, nothing changed`,
    warm: true,
    ours: (_, memory) => build(root, context, [], memory),
    theirs: (peer) => peer.build?.({ context }),
    floor: () => lookAtAll(bench, context),
  };
  yield {
    id: 'files-one-changed',
    title: `${what}, one changed`,
    warm: true,
    prepare: (round) => appendFileSync(`${context}/files/d0/file-7.dat`, `round ${round}`),
    ours: (_, memory) => build(root, context, [], memory),
    theirs: (peer) => (peer.name === MAIN_PEER ? peer.build({ context }) : undefined),
    floor: () => copyAndHash(bench, `${context}/files`, copy),
    after: () => rmSync(copy, { recursive: true, force: true }),
  };
  drop(known);
}
