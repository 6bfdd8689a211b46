import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { home } from '../disk.js';
import { daemonVersion } from './docker.js';

const script = process.env.LAYERLAB_ORACLE ?? resolve(import.meta.dirname, '../../../shared/oracle/dockerd');

/**
 * A daemon to time.
 *
 * @typedef {object} Daemon
 * @property {string} host
 * @property {string} version
 * @property {boolean} own started here, and stopped by `close`
 * @property {() => void} close
 */

/**
 * The daemon of a version: the one that a variable names, else one of our own on a fresh data-root.
 *
 * @param {string} version `28` or `20.10`
 * @param {string | undefined} host
 * @param {string} roots where to put a data-root, below ORACLE_HOME
 * @returns {Daemon | string} in words why there is none
 */
export function openDaemon(version, host, roots) {
  if (host !== undefined) {
    const found = daemonVersion(host);
    if (found === undefined) return `no daemon answers at ${host}`;
    if (!found.startsWith(`${version}.`)) return `the daemon at ${host} is ${found}`;
    return { host, version: found, own: false, close: () => {} };
  }
  if (!existsSync(script)) return 'no DOCKER_HOST, and no script to start a daemon with';
  const dataRoot = join(roots, `docker-${version}`);
  oracle('stop', version);
  rmSync(dataRoot, { recursive: true, force: true });
  mkdirSync(dataRoot, { recursive: true });
  const started = oracle('start', version, dataRoot);
  const address = `unix://${join(home, version, 'docker.sock')}`;
  const found = started.status === 0 ? daemonVersion(address) : undefined;
  if (found === undefined) return `it did not start: ${started.stderr.trim().split('\n').at(-1)}`;
  const close = () => {
    oracle('stop', version);
    rmSync(dataRoot, { recursive: true, force: true });
  };
  return { host: address, version: found, own: true, close };
}

function oracle(...args) {
  return spawnSync('bash', [script, ...args], { env: { ...process.env, ORACLE_HOME: home }, encoding: 'utf8' });
}
