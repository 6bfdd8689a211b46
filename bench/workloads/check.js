import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { mixedImage } from '../inputs/contexts.js';
import { TAG } from '../peers/peer.js';

export const name = 'check';

/** The soundness of a whole data-root beside a look at the same records, and sha256 of the very same files. */
export async function* rows(bench) {
  const images = 20;
  const root = bench.path('check-root');
  for (let image = 0; image < images; image++) {
    const context = mixedImage(bench.path('checked'), bench.count(50), bench.count(1000));
    writeFileSync(`${context}/only`, String(image));
    await bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', `${TAG}:${image}`, context]);
    bench.remove(context);
  }
  yield {
    id: 'check',
    title: `check of ${images} images`,
    light: true,
    ours: (_, memory) => bench.layerlab(root, ['check'], memory),
    floor: () => bench.shell('find "$1" -type f -path "$1/image/*" -print0 | xargs -0 cat > /dev/null', root),
  };
  const threads = cpus().length;
  const files = 'find "$1/overlay2" -path "*/diff/*" -type f -print0';
  yield {
    id: 'check-full',
    title: `check --full of ${images} images`,
    light: true,
    runs: Math.min(bench.options.runs, 5),
    ours: (_, memory) => bench.layerlab(root, ['check', '--full'], memory),
    floor: () => bench.shell(`${files} | xargs -0 -P ${threads} -n 64 ${bench.sha256} > /dev/null`, root),
  };
  bench.remove(root);
}
