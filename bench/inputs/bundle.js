import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Unpacks the layers of a saved image, in the order of its manifest, as one file system.
 *
 * @param {string} archive
 * @param {string} folder gets `rootfs`
 */
export function unpackRootfs(archive, folder) {
  const image = join(folder, 'image');
  const rootfs = join(folder, 'rootfs');
  mkdirSync(image, { recursive: true });
  mkdirSync(rootfs);
  spawnSync('tar', ['-C', image, '-xf', archive]);
  const [{ Layers }] = JSON.parse(readFileSync(join(image, 'manifest.json'), 'utf8'));
  for (const layer of Layers) spawnSync('tar', ['-C', rootfs, '-xf', join(image, layer)]);
  return rootfs;
}

/** Makes a folder with a `rootfs` a bundle for runc or crun, with the namespaces of a build's command and nothing more. */
export function writeBundle(folder, args) {
  const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
  ];
  const process = { user: { uid: 0, gid: 0 }, args, env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], cwd: '/' };
  const config = { ociVersion: '1.0.2', process, root: { path: 'rootfs' }, mounts, linux: { namespaces } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}
