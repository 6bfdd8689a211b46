import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { measure } from './measure.js';

/** The command that is timed. */
export const launcher = process.env.LAYERLAB_LAUNCHER ?? join(dirname(import.meta.dirname), 'bin/layerlab.js');

/** The library of the same build, for what has to be made and is not timed. */
export const library = join(dirname(dirname(launcher)), 'dist/index.cjs');

/**
 * What workloads work with.
 *
 * @typedef {object} Bench
 * @property {import('./arguments.js').Options} options
 * @property {string} work a temporary folder
 * @property {readonly import('./peers/peer.js').Peer[]} peers
 * @property {(full: number) => number} count a size, or a twentieth of it
 * @property {(name: string) => string} path below `work`
 * @property {(...paths: string[]) => void} remove
 * @property {(dataRoot: string, args: readonly string[], memory?: boolean) => Promise<Measured>} layerlab
 * @property {(args: readonly string[]) => Promise<Measured>} node
 * @property {(script: string, ...args: string[]) => Promise<Measured>} shell bash with `$1`, `$2` ...
 * @property {string} sha256 words of a command that hashes the files it is given
 * @property {() => void} forget all peers forget the image they built
 * @property {(verb: string, ...args: unknown[]) => Promise<void>} everyPeer has all peers that know it do something, untimed
 * @property {(name: string, reason: string) => void} leftOut
 */

/** @typedef {import('./measure.js').Measured} Measured */

/** A folder for one run of the bench. */
export function workFolder(place) {
  const path = mkdtempSync(join(place, 'layerlab-bench-'));
  const remove = () => {
    // What a peer left mounted there must not keep the rest.
    spawnSync('bash', ['-c', `grep -o ' ${path}/[^ ]*' /proc/mounts | sort -r | xargs -r umount -l`]);
    rmSync(path, { recursive: true, force: true });
  };
  return { path, remove };
}

/**
 * @param {import('./arguments.js').Options} options
 * @param {string} work
 * @param {readonly import('./peers/peer.js').Peer[]} peers
 * @param {(name: string, reason: string) => void} leftOut
 * @returns {Bench}
 */
export function openBench(options, work, peers, leftOut) {
  return {
    options,
    work,
    peers,
    leftOut,
    count: (full) => (options.quick ? Math.ceil(full / 20) : full),
    path: (name) => join(work, name),
    remove: (...paths) => {
      for (const path of paths) rmSync(path, { recursive: true, force: true });
    },
    layerlab: (dataRoot, args, memory = false) =>
      measure(process.execPath, [launcher, '--data-root', dataRoot, ...args], { memory }),
    node: (args) => measure(process.execPath, args),
    shell: (script, ...args) => measure('bash', ['-c', `set -e -o pipefail; ${script}`, 'floor', ...args]),
    sha256: fastestSha256(),
    everyPeer: async (verb, ...args) => {
      for (const peer of peers)
        await peer[verb]?.(...args).catch((error) =>
          leftOut(`${verb} of ${peer.name}`, error.message.split('\n').at(-1)),
        );
    },
    forget: () => {
      for (const peer of peers) peer.forget();
    },
  };
}

/** OpenSSL makes use of the processor's own instructions; coreutils often does not, and then takes five times as long. */
function fastestSha256() {
  return spawnSync('openssl', ['version']).status === 0 ? 'openssl dgst -sha256' : 'sha256sum';
}
