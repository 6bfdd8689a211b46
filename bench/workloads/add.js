import { spawnSync } from 'node:child_process';
import { copyFileSync, statSync } from 'node:fs';
import { unpackAndHash } from '../floors.js';
import { context as writeContext } from '../inputs/contexts.js';
import { hostFiles, tarOfHost } from '../inputs/debian-tar.js';
import { TAG } from '../peers/peer.js';

export const name = 'add';

/** A tar of this host's own files, as large as a distribution's image, unpacked by ADD. */
export async function* rows(bench) {
  const archive = bench.path('debian.tar');
  tarOfHost(archive, hostFiles(bench.count(170)).flat());
  spawnSync('gzip', ['-nk', archive]);
  const megabytes = Math.round(statSync(archive).size / 1e6);
  for (const [id, file, title] of [
    ['add-tar', 'debian.tar', `ADD of a tar of ${megabytes} MB`],
    ['add-tar-gz', 'debian.tar.gz', `ADD of a tar of ${megabytes} MB, gzip`],
  ]) {
    yield {
      id,
      title,
      prepare: (round) => {
        const context = writeContext(bench.path(`${id}-${round}`), `FROM scratch\nADD ${file} /\n`);
        copyFileSync(bench.path(file), `${context}/${file}`);
        return { context, root: bench.path(`${id}-root-${round}`), copy: bench.path(`${id}-copy-${round}`) };
      },
      ours: ({ root, context }, memory) =>
        bench.layerlab(root, ['build', '--network', 'none', '-q', '-t', TAG, '--no-cache', context], memory),
      theirs: (peer, { context }) => peer.build?.({ context, noCache: true }) ?? peer.addLayer?.(`${context}/${file}`),
      floor: ({ context, copy }) => unpackAndHash(bench, `${context}/${file}`, copy),
      after: ({ context, root, copy }) => {
        bench.remove(context, root, copy);
        bench.forget();
      },
    };
  }
  bench.remove(archive, `${archive}.gz`);
}
