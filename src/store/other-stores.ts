import { LayerlabError } from '../errors/layerlab-error.ts';
import { fromByteString } from '../formats/bytestring.ts';
import type { RootFiles } from '../host/root-files.ts';
import type { DataRootPaths } from './layout.ts';

/** A way of keeping images that is recognised and not read. */
export interface OtherStore {
  /** `containerd`, or the name of a storage driver. */
  readonly kind: string;
  /** Where it is, relative to the data-root. */
  readonly folder: string;
}

const DRIVERS = ['aufs', 'btrfs', 'devicemapper', 'fuse-overlayfs', 'overlay', 'vfs', 'zfs', 'windowsfilter'];
const SNAPSHOTTERS = 'io.containerd.snapshotter.v1.';

/** The stores of a data-root beside overlay2's that hold something: of other drivers, of containerd (Docker 29). */
export function otherStores(files: RootFiles, { root }: DataRootPaths): OtherStore[] {
  const found: OtherStore[] = [];
  const has = (folder: string): boolean => (files.names(`${root}/${folder}`)?.length ?? 0) > 0;
  for (const driver of DRIVERS) {
    if (has(`image/${driver}/imagedb/content/sha256`)) found.push({ kind: driver, folder: `image/${driver}` });
  }
  for (const base of ['containerd/daemon/', '']) {
    for (const name of files.names(base === '' ? root : `${root}/${base.slice(0, -1)}`) ?? []) {
      if (name.startsWith(SNAPSHOTTERS) && has(`${base}${name}/snapshots`)) {
        found.push({ kind: 'containerd', folder: `${base}${name}` });
      }
    }
  }
  return found;
}

/**
 * Throws LL_OTHER_STORE where all that a data-root holds is in stores that are not read; where there is an overlay2 store too, that is
 * what is looked at. A folder that is missing or empty passes.
 */
export function assertReadable(files: RootFiles, paths: DataRootPaths): void {
  if (files.lstat(paths.image) !== undefined && (files.names(paths.overlay)?.length ?? 0) > 1) return;
  const [other] = otherStores(files, paths);
  if (other === undefined) return;
  const name = fromByteString(paths.root);
  if (other.kind === 'containerd') {
    throw new LayerlabError('LL_OTHER_STORE', `${name} keeps its images in containerd (${other.folder})`, {
      hint: 'Images, layers and containers of containerd (the default of a fresh Docker 29) are not read. "docker save" on that host gives an archive for "layerlab load".',
    });
  }
  throw new LayerlabError('LL_OTHER_STORE', `${name} is a data-root of the storage driver ${other.kind}`, {
    hint: 'Only overlay2 is read. "docker save" on that host gives an archive for "layerlab load".',
  });
}
