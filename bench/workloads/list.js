import { library } from '../environment.js';
import { startNode } from '../floors.js';
import { context as writeContext } from '../inputs/contexts.js';

export const name = 'list';

const REPOSITORY = 'layerlab-bench-list';
const MIDDLE = `${REPOSITORY}:5`;

/** What a user types all day, on a data-root with many images. */
export async function* rows(bench) {
  const count = bench.count(200);
  const root = bench.path('list-root');
  const archive = bench.path('list.tar');
  const { build } = await import(library);
  const tags = Array.from({ length: count }, (_, i) => `${REPOSITORY}:${i}`);
  for (const [i, tag] of tags.entries()) {
    const lines = Array.from({ length: 10 }, (_, line) => `LABEL line-${line}="${i}"`).join('\n');
    const context = writeContext(
      bench.path('listed'),
      `FROM scratch\nCOPY Dockerfile /a\nCOPY Dockerfile /b\n${lines}\n`,
    );
    await build({ dataRoot: root, context, tags: [tag] });
  }
  await bench.layerlab(root, ['save', '-o', archive, ...tags]);
  await bench.everyPeer('loadMany', archive);
  for (const [verb, title, args] of [
    ['images', `images, ${count} of them`, []],
    ['history', `history, ${count} images`, [MIDDLE]],
    ['inspect', `inspect, ${count} images`, [MIDDLE]],
  ]) {
    yield {
      id: verb,
      title,
      light: true,
      warm: true,
      runs: Math.max(bench.options.runs, 11),
      ours: (_, memory) => bench.layerlab(root, [verb, ...args], memory),
      theirs: (peer) => peer[verb]?.(...args),
      floor: () => startNode(bench),
    };
  }
  bench.remove(root, archive, bench.path('listed'));
  for (const peer of bench.peers) peer.remove?.(tags);
}
