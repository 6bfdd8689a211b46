import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { isQuicklyFolder } from '../host/quick-calls.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { withLock } from './locks.ts';

/** Absolute paths of the parts of a data-root that layerlab reads or writes. Byte strings: open them with `fsPath`. */
export interface DataRootPaths {
  readonly root: ByteString;
  readonly image: ByteString;
  readonly repositories: ByteString;
  readonly distribution: ByteString;
  readonly imageContent: ByteString;
  readonly imageMetadata: ByteString;
  readonly layerdb: ByteString;
  readonly layers: ByteString;
  readonly layerTmp: ByteString;
  readonly mounts: ByteString;
  readonly overlay: ByteString;
  readonly links: ByteString;
  readonly containers: ByteString;
  /** Our own folder; dockerd never looks into it. */
  readonly own: ByteString;
  readonly lock: ByteString;
  readonly leases: ByteString;
  readonly tmp: ByteString;
}

/** The paths below a data-root (an absolute byte string without a trailing slash). */
export function dataRootPaths(root: ByteString): DataRootPaths {
  const image = `${root}/image/overlay2`;
  return {
    root,
    image,
    repositories: `${image}/repositories.json`,
    distribution: `${image}/distribution`,
    imageContent: `${image}/imagedb/content/sha256`,
    imageMetadata: `${image}/imagedb/metadata/sha256`,
    layerdb: `${image}/layerdb`,
    layers: `${image}/layerdb/sha256`,
    layerTmp: `${image}/layerdb/tmp`,
    mounts: `${image}/layerdb/mounts`,
    overlay: `${root}/overlay2`,
    links: `${root}/overlay2/l`,
    containers: `${root}/containers`,
    own: `${root}/layerlab`,
    lock: `${root}/layerlab/lock`,
    leases: `${root}/layerlab/leases`,
    tmp: `${root}/layerlab/tmp`,
  };
}

/** The store that dockerd writes for no image at all. */
const NO_REPOSITORIES = '{"Repositories":{}}';

/**
 * Makes what is missing of the tree that dockerd 28.5 makes at its first start for the image store and the overlay2
 * driver, with its modes whatever the umask, and our own folder `layerlab/`. What is there stays as it is. Idempotent and
 * safe with several processes at once. Throws LL_DATA_ROOT where a part of the tree is no folder, LL_NO_RIGHT, LL_NO_SPACE.
 */
export function createLayout(root: ByteString): DataRootPaths {
  const paths = dataRootPaths(root);
  ensureDir(root, 0o710, true);
  // First: a data-root without it is somebody else's, to another process that looks right now, and to all after a kill.
  ensureDir(paths.own, 0o700);
  ensureDir(paths.overlay, 0o710);
  ensureDir(paths.links, 0o700);
  ensureDir(`${root}/image`, 0o700);
  ensureDir(paths.image, 0o700);
  ensureDir(paths.distribution, 0o700);
  ensureDir(`${paths.image}/imagedb`, 0o700);
  ensureDir(`${paths.image}/imagedb/content`, 0o700);
  ensureDir(paths.imageContent, 0o700);
  ensureDir(`${paths.image}/imagedb/metadata`, 0o700);
  ensureDir(paths.imageMetadata, 0o700);
  ensureDir(paths.layerdb, 0o700);
  ensureDir(paths.leases, 0o700);
  ensureDir(paths.tmp, 0o700);
  withLock(paths.lock, () => {
    if (lstatSync(fsPath(paths.repositories), { throwIfNoEntry: false }) === undefined) {
      writeFileAtomic(paths.repositories, NO_REPOSITORIES, 0o600);
    }
  });
  return paths;
}

/**
 * Makes a folder with exactly this mode where nothing is (with its parents, 0755, where asked). An existing folder is left
 * alone. Throws LL_DATA_ROOT where something else stands there.
 */
export function ensureDir(path: ByteString, mode: number, parents = false): void {
  // Mostly it is there, and a call that fails takes ten times as long as one that looks.
  if (isQuicklyFolder(path)) return;
  try {
    mkdirSync(fsPath(path), { mode });
    chmodSync(fsPath(path), mode);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' && parents) {
      mkdirSync(fsPath(path.slice(0, path.lastIndexOf('/')) || '/'), { recursive: true, mode: 0o755 });
      ensureDir(path, mode);
      return;
    }
    if (errno !== 'EEXIST') throw ioError(error, `making ${fromByteString(path)}`);
    if (!lstatSync(fsPath(path)).isDirectory() && !parents) notAFolder(path);
  }
}

function notAFolder(path: ByteString): never {
  throw new LayerlabError('LL_DATA_ROOT', `${fromByteString(path)} is not a folder`, {
    hint: 'Choose another folder by --data-root.',
  });
}
