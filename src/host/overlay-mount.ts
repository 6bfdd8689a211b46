import { closeSync, openSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from './io-error.ts';
import { MNT_DETACH, mount, UMOUNT_NOFOLLOW, umount, umountAside } from './syscalls.ts';

/** Folders of one overlay; every path is absolute and is there already. */
export interface OverlayMount {
  /** Nearest first, at least one. */
  readonly lowers: readonly ByteString[];
  /** Without it the overlay is read-only. */
  readonly upper?: ByteString;
  /** An empty folder on the file system of `upper`. */
  readonly work?: ByteString;
  readonly merged: ByteString;
  /**
   * What is written need not be on the disk when the overlay is unmounted: somebody flushes the whole file system later on.
   * Otherwise the kernel does that at every unmount. Kernels before 5.10 cannot leave it out.
   */
  readonly volatile?: boolean;
}

/** The kernel takes one page of options, its last byte being a NUL. */
const OPTIONS_MAX = 4095;
const O_PATH = 0o10000000;
const O_DIRECTORY = 0o200000;

/** Characters that overlay's option parser reads as its own. */
const SPECIAL = /[\\:,"]/;

function options(lowers: readonly string[], upper: string | undefined, work: string | undefined): string {
  // As dockerd (moby daemon/graphdriver/overlay2), and what makes a kernel with other defaults leave the same files.
  const fixed = 'index=off,redirect_dir=off,metacopy=off';
  const writable = upper === undefined || work === undefined ? '' : `,upperdir=${upper},workdir=${work}`;
  return `${fixed},lowerdir=${lowers.join(':')}${writable}`;
}

/**
 * Mounts an overlay as dockerd does. Names that are too many for the page of options that a kernel takes, or that hold
 * characters with a meaning there, are given as /proc/self/fd/<n>, so 128 lowers work wherever the data-root is.
 *
 * Throws LL_NO_RIGHT or LL_IO (errnoOf tells why: ENODEV means a kernel without overlay).
 */
export function mountOverlay(overlay: OverlayMount): void {
  try {
    mountWith(overlay, overlay.volatile === true ? ',volatile' : '');
  } catch (error) {
    if (overlay.volatile !== true || errnoOf(error) !== 'EINVAL') throw error;
    mountWith(overlay, '');
  }
}

/**
 * Takes away what the kernel leaves in the `work` of an overlay that was volatile, so that it looks like any other; one that
 * was not is fine. Without it the folders cannot be mounted again.
 */
export function forgetVolatile(work: ByteString): void {
  const incompat = `${work}/work/incompat`;
  try {
    // As ovl_create_volatile_dirty of fs/overlayfs/super.c makes it.
    unlinkSync(fsPath(`${incompat}/volatile/dirty`));
    rmdirSync(fsPath(`${incompat}/volatile`));
    rmdirSync(fsPath(incompat));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw ioError(error, 'Tidying up after an overlay');
  }
}

function mountWith(overlay: OverlayMount, more: string): void {
  const { lowers, upper, work, merged } = overlay;
  const names = [...lowers, ...(upper === undefined ? [] : [upper]), ...(work === undefined ? [] : [work])];
  const plain = options(lowers, upper, work) + more;
  if (plain.length <= OPTIONS_MAX && !names.some((name) => SPECIAL.test(name))) {
    mount('overlay', merged, 'overlay', 0, plain);
    return;
  }
  const fds: number[] = [];
  const open = (path: ByteString): string => {
    const fd = openSync(fsPath(path), O_PATH | O_DIRECTORY);
    fds.push(fd);
    return `/proc/self/fd/${fd}`;
  };
  try {
    const short = options(
      lowers.map(open),
      upper === undefined ? undefined : open(upper),
      work === undefined ? undefined : open(work),
    );
    mount('overlay', merged, 'overlay', 0, short + more);
  } catch (error) {
    throw ioError(error, 'Mounting an overlay');
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/**
 * Takes a mount away; where something still uses it, it is detached and goes when its last user does. A folder that is
 * no mount point is no failure.
 */
export function unmount(target: ByteString): void {
  try {
    umount(target, UMOUNT_NOFOLLOW);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EINVAL' || errno === 'ENOENT') return;
    if (errno !== 'EBUSY') throw error;
    umount(target, UMOUNT_NOFOLLOW | MNT_DETACH);
  }
}

/** As `unmount`, beside this thread: what the kernel has to forget of a file system that was read takes it a millisecond and more. */
export async function unmountAside(target: ByteString): Promise<void> {
  if (!(await umountAside(target, UMOUNT_NOFOLLOW))) unmount(target);
}

/** The mount points in a /proc/<pid>/mountinfo, innermost (latest) first; octal escapes are resolved. */
export function parseMountPoints(mountinfo: string): ByteString[] {
  const points: ByteString[] = [];
  for (const line of mountinfo.split('\n')) {
    const point = line.split(' ')[4];
    if (point === undefined) continue;
    points.push(point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  }
  return points.reverse();
}

/** Every mount point at or below a folder (absolute, without links in it), innermost first. Empty off Linux. */
export function mountPointsBelow(folder: ByteString): ByteString[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    return [];
  }
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return parseMountPoints(text).filter((point) => point === folder || point.startsWith(prefix));
}

/** Detaches every mount at or below a folder, so that it can be removed. */
export function unmountBelow(folder: ByteString): void {
  for (const point of mountPointsBelow(folder)) umount(point, UMOUNT_NOFOLLOW | MNT_DETACH);
}
