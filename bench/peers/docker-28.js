import { openDaemon } from './daemons.js';
import { dockerPeer } from './docker.js';

export const names = ['buildkit-28', 'classic-28'];

/**
 * Docker 28 with both of its builders.
 *
 * @param {{ roots: string }} places for a data-root
 * @returns {import('./peer.js').Peer[] | string} in words why there are none
 */
export function open({ roots }) {
  const daemon = openDaemon('28', process.env.DOCKER_HOST, roots);
  if (typeof daemon === 'string') return daemon;
  const { host, version, own } = daemon;
  return [
    {
      ...dockerPeer({ name: 'buildkit-28', title: `BuildKit ${version}`, host, own, buildkit: true }),
      close: daemon.close,
    },
    dockerPeer({ name: 'classic-28', title: `classic ${version}`, host, own, buildkit: false }),
  ];
}
