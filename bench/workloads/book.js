import { spawnSync } from 'node:child_process';
import { startNode } from '../floors.js';
import { smallFiles } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';

export const name = 'book';

const LOOKS = [
  ['explain', TAG],
  ['layers', TAG],
  ['waste', TAG],
  ['ls', '-l', `${TAG}:/files/d1`],
  ['ls', '-R', TAG],
  ['cat', `${TAG}:/files/d1/file-100.dat`],
  ['which-layer', TAG, '/files/d1/file-100.dat'],
];

/** Looking into an image of many files, in the data-root and in a tar of it. */
export async function* rows(bench) {
  const files = bench.count(10_000);
  const root = bench.path('book-root');
  const context = smallFiles(bench.path('book'), files);
  await bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, context]);
  const packed = bench.path('book.tar');
  spawnSync('tar', ['-C', root, '-cf', packed, '.']);
  for (const [id, where, dataRoot] of [
    ['', '', root],
    ['-tar', ', data-root in a tar', packed],
  ]) {
    for (const args of LOOKS) {
      const words = args.map((arg) => arg.replace(`${TAG}:`, '')).filter((arg) => arg !== TAG);
      yield {
        id: `${words.slice(0, words[1]?.startsWith('-') ? 2 : 1).join('')}${id}`,
        title: `${words.join(' ')} of ${files.toLocaleString('en')} files${where}`,
        light: true,
        ours: (_, memory) => bench.layerlab(dataRoot, args, memory),
        floor: () => startNode(bench),
      };
    }
  }
  bench.remove(root, context, packed);
}
