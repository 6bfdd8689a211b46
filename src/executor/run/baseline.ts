import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';

/** A file as it was before the command ran. */
export interface BaselineEntry {
  readonly directory: boolean;
  readonly ino: bigint;
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly size: bigint;
  readonly nlink: bigint;
}

/** Every file of a tree by its path relative to the root (`''` is the root), and the names in each folder. */
export interface Baseline {
  readonly entries: Map<ByteString, BaselineEntry>;
  readonly names: Map<ByteString, readonly ByteString[]>;
}

function entryOf(stats: BigIntStats): BaselineEntry {
  const { ino, ctimeNs, mtimeNs, mode, uid, gid, size, nlink } = stats;
  return { directory: stats.isDirectory(), ino, ctimeNs, mtimeNs, mode, uid, gid, size, nlink };
}

/** Notes what a tree holds. */
export function takeBaseline(root: ByteString): Baseline {
  const baseline: Baseline = { entries: new Map(), names: new Map() };
  note(root, '', baseline);
  return baseline;
}

function note(root: ByteString, path: ByteString, baseline: Baseline): void {
  const full = path === '' ? root : `${root}/${path}`;
  const entry = entryOf(lstatSync(fsPath(full), { bigint: true }));
  baseline.entries.set(path, entry);
  if (!entry.directory) return;
  const names = readdirSync(fsPath(full), { encoding: 'latin1' });
  baseline.names.set(path, names);
  for (const name of names) note(root, path === '' ? name : `${path}/${name}`, baseline);
}

/** Whether a file is, to all that stat tells, as it was: every change of a file moves its ctime. */
export function isUntouched(entry: BaselineEntry | undefined, stats: BigIntStats): boolean {
  return entry !== undefined && entry.ino === stats.ino && entry.ctimeNs === stats.ctimeNs;
}

/** Takes a file as it is now for unchanged. */
export function rebase(root: ByteString, path: ByteString, baseline: Baseline): void {
  const full = path === '' ? root : `${root}/${path}`;
  baseline.entries.set(path, entryOf(lstatSync(fsPath(full), { bigint: true })));
}

/**
 * Whether a file other than a folder is one that overlayfs would have copied up. A file whose only trace is that another
 * of its names is gone is not: there, each name of a lower file stands for itself.
 */
export function isChangedFile(entry: BaselineEntry | undefined, stats: BigIntStats): boolean {
  if (entry === undefined || entry.directory || entry.ino !== stats.ino) return true;
  if (entry.ctimeNs === stats.ctimeNs) return false;
  const same =
    entry.mode === stats.mode &&
    entry.uid === stats.uid &&
    entry.gid === stats.gid &&
    entry.size === stats.size &&
    entry.mtimeNs === stats.mtimeNs;
  return !same || stats.nlink >= entry.nlink;
}
