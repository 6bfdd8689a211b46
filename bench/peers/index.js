import * as buildah from './buildah.js';
import * as docker2010 from './docker-20.10.js';
import * as docker28 from './docker-28.js';
import * as umoci from './umoci.js';

const all = [docker28, docker2010, buildah, umoci];

export const PEERS = all.flatMap(({ names }) => names);

/**
 * Finds the peers of this machine, and starts those that have to be started.
 *
 * @param {readonly string[] | undefined} wanted names; undefined for all
 * @param {{ work: string, roots: string }} places folders for what they keep; daemons see `roots` only
 * @param {(name: string, reason: string) => void} leftOut
 * @returns {{ peers: import('./peer.js').Peer[], close: () => void }}
 */
export function openPeers(wanted, places, leftOut) {
  const isWanted = (name) => wanted?.includes(name) ?? true;
  const opened = [];
  for (const { names, open } of all) {
    const asked = names.filter(isWanted);
    if (asked.length === 0) continue;
    const found = open(places);
    if (typeof found === 'string') for (const name of asked) leftOut(name, found);
    else opened.push(...found);
  }
  const peers = opened.filter(({ name }) => isWanted(name));
  // The last builder of a daemon goes before the daemon does.
  const close = () => {
    for (const peer of [...opened].reverse()) peer.close();
  };
  return { peers, close };
}
