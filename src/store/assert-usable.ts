import { closeSync, openSync, readdirSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { flock, LOCK_NB, LOCK_SH, LOCK_UN } from '../host/syscalls.ts';
import { hasKernelLocks, isLockedElsewhere } from './file-lock.ts';

/** The bolt databases that a dockerd keeps locked (flock) as long as it runs. */
const DATABASES = [
  'volumes/metadata.db',
  'network/files/local-kv.db',
  'buildkit/cache.db',
  'buildkit/snapshots.db',
  'buildkit/metadata_v2.db',
  'buildkit/history.db',
  'buildkit/containerdmeta.db',
];

/** Folders of drivers beside overlay2: dockerd does not start on a data-root where it finds two of them in use. */
const OTHER_DRIVERS = ['aufs', 'btrfs', 'devicemapper', 'fuse-overlayfs', 'overlay', 'zfs'];

/** One of these says that a folder is a data-root, whatever else is in it. */
const LANDMARKS = new Set([
  'image',
  'overlay2',
  'layerlab',
  'containers',
  'volumes',
  'buildkit',
  'engine-id',
  'containerd',
]);

/** Throws LL_DATA_ROOT_IN_USE where a dockerd runs on this data-root: it keeps the image store in memory, and so would undo our writes. */
export function assertNotInUse(root: ByteString): void {
  if (!hasKernelLocks()) return;
  for (const name of DATABASES) {
    let fd: number;
    try {
      fd = openSync(fsPath(`${root}/${name}`), 'r');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EACCES') continue;
      throw ioError(error, `opening ${name}`);
    }
    try {
      flock(fd, LOCK_SH | LOCK_NB);
      flock(fd, LOCK_UN);
    } catch (error) {
      if (!isLockedElsewhere(error)) throw ioError(error, `probing ${name}`);
      throw new LayerlabError('LL_DATA_ROOT_IN_USE', `a dockerd is running on ${fromByteString(root)}`, {
        hint: 'Reading is fine; to write, stop dockerd or choose another --data-root.',
      });
    } finally {
      closeSync(fd);
    }
  }
}

/** Throws LL_DATA_ROOT where writing an overlay2 store into this folder would harm what is there. */
export function assertWritableLayout(root: ByteString): void {
  const names = list(root);
  if (names.length === 0) return;
  for (const driver of OTHER_DRIVERS) {
    if (names.includes(driver) && list(`${root}/${driver}`).length > 0) {
      refuse(
        root,
        `is a data-root of the storage driver ${driver}`,
        'A data-root can be used by one storage driver only.',
      );
    }
  }
  const containerd = `${root}/containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots`;
  if (!names.includes('overlay2') && list(containerd).length > 0) {
    refuse(root, 'keeps its images in containerd', 'An overlay2 store beside it would hide them from dockerd.');
  }
  if (!names.some((name) => LANDMARKS.has(name)) && names.some((name) => name !== 'lost+found')) {
    refuse(root, 'is not empty and is no data-root', 'Choose an empty or a new folder by --data-root.');
  }
}

function refuse(root: ByteString, what: string, hint: string): never {
  throw new LayerlabError('LL_DATA_ROOT', `${fromByteString(root)} ${what}`, { hint });
}

function list(dir: ByteString): string[] {
  try {
    return readdirSync(fsPath(dir));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return [];
    if (errno === 'ENOTDIR') refuse(dir, 'is not a folder', 'Choose another folder by --data-root.');
    throw ioError(error, `listing ${fromByteString(dir)}`);
  }
}
