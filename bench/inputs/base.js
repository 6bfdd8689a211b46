import { spawnSync } from 'node:child_process';
import { launcher } from '../environment.js';

export const BASE = 'layerlab/base';

/**
 * Makes a base image of this host's programs in a data-root, and has the peers take it.
 *
 * @param {import('../environment.js').Bench} bench
 * @param {string} dataRoot
 * @returns {Promise<string | undefined>} an archive of it; undefined where there can be none, which is told
 */
export async function baseImage(bench, dataRoot) {
  const made = spawnSync(process.execPath, [launcher, '--data-root', dataRoot, 'base', BASE], { encoding: 'utf8' });
  if (made.status !== 0) {
    bench.leftOut('RUN', made.stderr.trim().split('\n')[0]);
    return undefined;
  }
  const archive = `${dataRoot}-base.tar`;
  await bench.layerlab(dataRoot, ['save', '-o', archive, BASE]);
  await bench.everyPeer('base', archive);
  return archive;
}
