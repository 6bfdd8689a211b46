import { type BigIntStats, linkSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { type ByteString, compareBytes, fsPath } from '../../formats/bytestring.ts';
import { errnoOf } from '../../host/io-error.ts';
import { makeWhiteout, setTimes } from '../../host/syscalls.ts';
import { lsetxattr } from '../../host/xattrs.ts';
import { type Baseline, isSameFile, isUntouched } from './baseline.ts';
import { copyMetadata } from './copy-tree.ts';

const OPAQUE = 'trusted.overlay.opaque';

interface Walk {
  readonly root: ByteString;
  readonly upper: ByteString;
  readonly baseline: Baseline;
  /** Folders that are mount points in a container: what is below is not the image's. */
  readonly mountPoints: ReadonlySet<ByteString>;
  readonly opaques: Set<ByteString>;
  /** The first whiteout that was made. */
  whiteout: ByteString | undefined;
}

/**
 * Finds what changed in a tree since its baseline and moves it into `upper` as overlayfs would have put it there: changed
 * and new files whole, the folders around them with their own metadata, 0:0 devices for what is gone, opaque markers on
 * folders that were replaced. The tree is used up by it.
 *
 * Gives the folders whose opaque marker could not be set on disk. What overlayfs knows and a comparison cannot: a file
 * that was opened for writing and not written is taken for unchanged, and a whiteout has its folder's time.
 */
export function writeUpper(
  root: ByteString,
  upper: ByteString,
  baseline: Baseline,
  mountPoints: ReadonlySet<ByteString>,
): ReadonlySet<ByteString> {
  const walk: Walk = { root, upper, baseline, mountPoints, opaques: new Set(), whiteout: undefined };
  const stats = lstatSync(fsPath(root), { bigint: true });
  writeFolder(walk, '', () => {});
  copyMetadata(root, upper, stats);
  return walk.opaques;
}

/** Writes what changed in a folder that was there before; `open` makes the folder in upper before the first change. */
function writeFolder(walk: Walk, path: ByteString, open: () => void): void {
  const { root, upper, baseline } = walk;
  const prefix = path === '' ? '' : `${path}/`;
  const folder = lstatSync(fsPath(`${root}/${path}`), { bigint: true });
  const present = readdirSync(fsPath(`${root}/${path}`), { encoding: 'latin1' });
  const left = new Set(present);
  for (const name of present.sort(compareBytes)) writeEntry(walk, `${prefix}${name}`, open);
  for (const name of baseline.names.get(path) ?? []) {
    if (left.has(name)) continue;
    open();
    placeWhiteout(walk, `${upper}/${prefix}${name}`, folder.mtimeNs);
  }
}

/** All whiteouts of one overlay mount are names of one device file; the layer's tar shows it, so here they are too. */
function placeWhiteout(walk: Walk, path: ByteString, time: bigint): void {
  if (walk.whiteout !== undefined) {
    linkSync(fsPath(walk.whiteout), fsPath(path));
    return;
  }
  makeWhiteout(path);
  setTimes(path, time, time);
  walk.whiteout = path;
}

function writeEntry(walk: Walk, path: ByteString, open: () => void): void {
  const { root, upper, baseline, mountPoints } = walk;
  const [from, to] = [`${root}/${path}`, `${upper}/${path}`];
  const stats = lstatSync(fsPath(from), { bigint: true });
  const before = baseline.entries.get(path);
  if (!stats.isDirectory()) {
    if (isUntouched(before, stats)) return;
    open();
    renameSync(fsPath(from), fsPath(to));
    return;
  }
  if (isSameFile(before, stats)) {
    if (!mountPoints.has(path)) writeMerged(walk, path, stats, open);
    return;
  }
  open();
  if (mountPoints.has(path)) {
    mkdirSync(fsPath(to));
    copyMetadata(from, to, stats);
  } else renameSync(fsPath(from), fsPath(to));
  if (before === undefined) return;
  try {
    lsetxattr(to, OPAQUE, Buffer.from('y'));
  } catch (error) {
    if (!['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error;
    walk.opaques.add(path);
  }
}

/** A folder that was there before: in upper only where it or something below it changed, as by copy-up. */
function writeMerged(walk: Walk, path: ByteString, stats: BigIntStats, openParent: () => void): void {
  const to = `${walk.upper}/${path}`;
  let made = false;
  const open = (): void => {
    if (made) return;
    openParent();
    mkdirSync(fsPath(to));
    made = true;
  };
  if (!isUntouched(walk.baseline.entries.get(path), stats)) open();
  writeFolder(walk, path, open);
  if (made) copyMetadata(`${walk.root}/${path}`, to, stats);
}
