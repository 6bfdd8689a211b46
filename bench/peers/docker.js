import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { measure } from '../measure.js';
import { TAG } from './peer.js';

/** Looked for each time: the first daemon that is started here may bring it along. */
export function dockerClient() {
  return process.env.LAYERLAB_DOCKER_CLIENT ?? (existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker');
}

/** The version of the daemon that answers there, e.g. `28.5.2`; undefined where none does. */
export function daemonVersion(host) {
  const asked = spawnSync(dockerClient(), ['version', '--format', '{{.Server.Version}}'], {
    env: { ...process.env, DOCKER_HOST: host },
    encoding: 'utf8',
  });
  return asked.status === 0 ? asked.stdout.trim().replace(/\+.*/, '') : undefined;
}

/**
 * One builder of a daemon, as a peer. Only BuildKit's has the verbs that are the daemon's own, so that they are not timed twice.
 *
 * @param {{ name: string, title: string, host: string, buildkit: boolean, own: boolean }} daemon `own`: nobody else uses it,
 *   so its build cache may be emptied
 * @returns {import('./peer.js').Peer}
 */
export function dockerPeer({ name, title, host, buildkit, own }) {
  const env = { DOCKER_HOST: host, DOCKER_BUILDKIT: buildkit ? '1' : '0' };
  const docker = (...args) => measure(dockerClient(), args, { env });
  const quietly = (...args) => spawnSync(dockerClient(), args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const build = {
    name,
    title,
    build: ({ context, noCache = false }) =>
      docker('build', '--network', 'none', '-q', '-t', TAG, ...(noCache ? ['--no-cache'] : []), context),
    base: (archive) => docker('load', '-q', '-i', archive),
    forget: () => {
      quietly('rmi', '-f', TAG);
      if (own && buildkit) quietly('builder', 'prune', '-af');
      else if (own) quietly('image', 'prune', '-f');
    },
    close: () => quietly('rmi', '-f', TAG),
  };
  if (!buildkit) return build;
  return {
    ...build,
    load: (archive) => docker('load', '-q', '-i', archive),
    loadMany: (archive) => docker('load', '-q', '-i', archive),
    save: (archive) => docker('save', '-o', archive, TAG),
    images: () => docker('images'),
    history: (image) => docker('history', image),
    inspect: (image) => docker('inspect', image),
    version: () => docker('--version'),
    remove: (images) => quietly('rmi', '-f', ...images),
  };
}
