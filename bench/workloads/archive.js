import { rmSync, statSync } from 'node:fs';
import { context as writeContext } from '../inputs/contexts.js';
import { hostFiles, tarOfHost } from '../inputs/debian-tar.js';
import { TAG } from '../peers/peer.js';

export const name = 'archive';

const UNPACK = 'mkdir "$2" "$3"; tar -xf "$1" -C "$2"; cd "$2"';
const EACH_LAYER = `for tar in $(grep -o 'blobs/sha256/[0-9a-f]*' manifest.json | sort -u); do
  if tar -tf $tar > /dev/null 2>&1; then tee >(SHA256 > /dev/null) < $tar | tar -x -C "$3" -f -; fi; done`;

/** An image of a distribution's size in three layers, in and out of docker's archive. */
export async function* rows(bench) {
  const parts = hostFiles(bench.count(170));
  const context = writeContext(
    bench.path('image'),
    `FROM scratch\n${parts.map((_, i) => `ADD part-${i}.tar /`).join('\n')}\nCMD ["/bin/sh"]\n`,
  );
  for (const [i, paths] of parts.entries()) tarOfHost(`${context}/part-${i}.tar`, paths);
  const root = bench.path('image-root');
  const archive = bench.path('image.tar');
  await bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, context]);
  await bench.layerlab(root, ['save', '-o', archive, TAG]);
  bench.remove(context);
  const size = `an image of ${Math.round(statSync(archive).size / 1e6)} MB`;
  const layers = bench.path('image-layers');
  const files = bench.path('image-files');
  yield {
    id: 'load',
    title: `load of ${size}`,
    prepare: (round) => {
      bench.forget();
      return bench.path(`load-root-${round}`);
    },
    ours: (fresh, memory) => bench.layerlab(fresh, ['load', '-q', '-i', archive], memory),
    theirs: (peer) => peer.load?.(archive) ?? peer.unpack?.(archive),
    floor: () => bench.shell(`${UNPACK}; ${EACH_LAYER.replace('SHA256', bench.sha256)}`, archive, layers, files),
    after: (fresh) => bench.remove(fresh, layers, files),
  };
  await bench.everyPeer('load', archive);
  const copy = bench.path('copy.tar');
  yield {
    id: 'save',
    title: `save of ${size}`,
    ours: (_, memory) => bench.layerlab(root, ['save', '-o', copy, TAG], memory).finally(() => rmSync(copy)),
    theirs: (peer) => peer.save?.(copy).finally(() => rmSync(copy, { force: true })),
    floor: () => bench.shell(`tar -cf "$2" "$1"/overlay2/*/diff`, root, copy).finally(() => rmSync(copy)),
  };
  bench.remove(root, archive);
  bench.forget();
}
