import { mkdirSync } from 'node:fs';
import { launcher } from '../environment.js';
import { startNode } from '../floors.js';
import { context as writeContext } from '../inputs/contexts.js';
import { measure } from '../measure.js';
import { TAG } from '../peers/peer.js';

export const name = 'start-up';

/** The least that a command takes. */
export async function* rows(bench) {
  const root = bench.path('empty-root');
  mkdirSync(root);
  const context = writeContext(bench.path('least'), 'FROM scratch\nLABEL a=b\n');
  const runs = Math.max(bench.options.runs, 15);
  const floor = () => startNode(bench);
  yield {
    id: 'start-version',
    title: 'start-up: --version',
    light: true,
    warm: true,
    runs,
    ours: (_, memory) => measure(process.execPath, [launcher, '--version'], { memory }),
    theirs: (peer) => peer.version?.(),
    floor,
  };
  yield {
    id: 'start-images',
    title: 'start-up: images, none there',
    light: true,
    runs,
    ours: (_, memory) => bench.layerlab(root, ['images'], memory),
    floor,
  };
  yield {
    id: 'start-help',
    title: 'start-up: build --help',
    light: true,
    runs,
    ours: (_, memory) => bench.layerlab(root, ['build', '--help'], memory),
    floor,
  };
  yield {
    id: 'start-build',
    title: 'start-up: build of one LABEL',
    light: true,
    warm: true,
    runs,
    ours: (_, memory) => bench.layerlab(root, ['build', '-q', '-t', TAG, context], memory),
    theirs: (peer) => peer.build?.({ context }),
    floor,
  };
  bench.remove(root, context);
}
