import { mkdirSync, writeFileSync } from 'node:fs';
import { startNode } from '../floors.js';
import { context as writeContext } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';

export const name = 'base';

const SIZES = [1, 10, 100];
const FILES_A_LAYER = 100;

/** One small file on bases of different sizes: what is there already must cost nothing. */
export async function* rows(bench) {
  const made = [];
  let smallest;
  for (const layers of SIZES) {
    const root = bench.path(`on-${layers}-root`);
    const base = `layerlab-bench-base:${layers}`;
    const archive = bench.path(`on-${layers}.tar`);
    const below = baseContext(bench.path(`on-${layers}-base`), layers);
    await bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', base, below]);
    await bench.layerlab(root, ['save', '-o', archive, base]);
    await bench.everyPeer('base', archive);
    bench.remove(archive, below);
    const context = writeContext(bench.path(`on-${layers}`), `FROM ${base}\nCOPY small /d0/new/small\n`);
    made.push(root, context);
    const change = (round, row = base) => writeFileSync(`${context}/small`, `round ${round} of ${row}, ${base}`);
    const build = (memory) => bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, context], memory);
    yield {
      id: `base-${layers}`,
      title: `a small file on ${(layers * FILES_A_LAYER).toLocaleString('en')} files in ${layers} layer${layers > 1 ? 's' : ''}`,
      light: true,
      warm: true,
      prepare: (round) => change(round),
      ours: (_, memory) => build(memory),
      theirs: (peer) => peer.build?.({ context }),
      floor: () => startNode(bench),
      ...(smallest !== undefined && { beside: { [smallest.id]: (round) => smallest.again(round, base) } }),
    };
    smallest ??= {
      id: `base-${layers}`,
      again: (round, row) => {
        change(round, row);
        return build(false);
      },
    };
    bench.forget();
  }
  bench.remove(...made);
}

function baseContext(folder, layers) {
  const lines = Array.from({ length: layers }, (_, layer) => `COPY d${layer} /d${layer}`);
  writeContext(folder, `FROM scratch\n${lines.join('\n')}\n`);
  for (let layer = 0; layer < layers; layer++) {
    mkdirSync(`${folder}/d${layer}`);
    for (let i = 0; i < FILES_A_LAYER; i++)
      writeFileSync(`${folder}/d${layer}/file-${i}`, `${layer} ${i}\n`.repeat(20));
  }
  return folder;
}
