import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure.js';
import { TAG } from './peer.js';

export const names = ['buildah'];

/**
 * buildah, with its images in the bench's own folder: overlay where that works, else vfs. RUN by chroot, its lightest way.
 *
 * @param {{ work: string }} places for its images
 * @returns {import('./peer.js').Peer[] | string} in words why there is none
 */
export function open({ work }) {
  const asked = spawnSync('buildah', ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) return 'it is not installed';
  const version = /\d[\d.]*/.exec(asked.stdout)?.[0] ?? '';
  const driver = ['overlay', 'vfs'].find((each) => works(storage(work, each)));
  if (driver === undefined) return 'it can use neither overlay nor vfs here';
  const options = storage(work, driver);
  const buildah = (...args) => measure('buildah', [...options, ...args]);
  const quietly = (...args) => spawnSync('buildah', [...options, ...args], { stdio: 'ignore' });
  const cache = (noCache) => (noCache ? ['--no-cache'] : []);
  return [
    {
      name: 'buildah',
      title: `buildah ${version}`,
      build: ({ context, noCache = false }) =>
        buildah(
          'bud',
          '--isolation',
          'chroot',
          '--layers',
          '--pull-never',
          ...cache(noCache),
          '-q',
          '-t',
          TAG,
          context,
        ),
      base: (archive) => buildah('pull', '-q', `docker-archive:${archive}`),
      load: (archive) => buildah('pull', '-q', `docker-archive:${archive}`),
      save: async (archive) => {
        rmSync(archive, { force: true });
        return buildah('push', '-q', TAG, `docker-archive:${archive}:${TAG}`);
      },
      version: () => buildah('--version'),
      forget: () => {
        quietly('rmi', '-f', TAG);
        quietly('rmi', '--prune');
      },
      close: () => {
        quietly('rm', '-a');
        quietly('rmi', '-a', '-f');
      },
    },
  ];
}

function storage(work, driver) {
  const place = ['--root', join(work, `buildah-${driver}`), '--runroot', join(work, `buildah-${driver}-run`)];
  return [...place, '--storage-driver', driver];
}

function works(options) {
  return spawnSync('buildah', [...options, 'images'], { stdio: 'ignore' }).status === 0;
}
