import { openDaemon } from './daemons.js';
import { dockerPeer } from './docker.js';

export const names = ['buildkit-20.10', 'classic-20.10'];

/**
 * Docker 20.10 with both of its builders.
 *
 * @param {{ roots: string }} places for a data-root
 * @returns {import('./peer.js').Peer[] | string} in words why there are none
 */
export function open({ roots }) {
  const daemon = openDaemon('20.10', process.env.LAYERLAB_BENCH_DOCKER_2010, roots);
  if (typeof daemon === 'string') return daemon;
  const { host, version, own } = daemon;
  return [
    {
      ...dockerPeer({ name: 'buildkit-20.10', title: `BuildKit ${version}`, host, own, buildkit: true }),
      close: daemon.close,
    },
    dockerPeer({ name: 'classic-20.10', title: `classic ${version}`, host, own, buildkit: false }),
  ];
}
