import { mkdirSync, writeFileSync } from 'node:fs';
import { startNode } from '../floors.js';
import { context as writeContext } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';

export const name = 'base';

const FILES_A_LAYER = 100;

/** One small file on bases of different sizes: what is there already must cost nothing. */
export async function* rows(bench) {
  for (const layers of [1, 10, 100]) {
    const root = bench.path(`on-${layers}-root`);
    const base = `layerlab-bench-base:${layers}`;
    const archive = bench.path(`on-${layers}.tar`);
    const below = baseContext(bench.path(`on-${layers}-base`), layers);
    await bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', base, below]);
    await bench.layerlab(root, ['save', '-o', archive, base]);
    await bench.everyPeer('base', archive);
    bench.remove(archive, below);
    const context = writeContext(bench.path(`on-${layers}`), `FROM ${base}\nCOPY small /d0/new/small\n`);
    yield {
      id: `base-${layers}`,
      title: `a small file on ${(layers * FILES_A_LAYER).toLocaleString('en')} files in ${layers} layer${layers > 1 ? 's' : ''}`,
      light: true,
      warm: true,
      prepare: (round) => writeFileSync(`${context}/small`, `round ${round}, ${base}`),
      ours: (_, memory) => bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, context], memory),
      theirs: (peer) => peer.build?.({ context }),
      floor: () => startNode(bench),
    };
    bench.remove(root, context);
    bench.forget();
  }
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
