import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';

/** A file as it was before the command ran. */
export interface BaselineEntry {
  readonly directory: boolean;
  readonly ino: bigint;
  /** Tells a file from a later one that was given the same inode number; 0 where the file system keeps none. */
  readonly birthtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Every file of a tree by its path relative to the root (`''` is the root), and the names in each folder. */
export interface Baseline {
  readonly entries: Map<ByteString, BaselineEntry>;
  readonly names: Map<ByteString, readonly ByteString[]>;
}

function entryOf(stats: BigIntStats): BaselineEntry {
  const { ino, birthtimeNs, ctimeNs } = stats;
  return { directory: stats.isDirectory(), ino, birthtimeNs, ctimeNs };
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

/** Whether this is the file that was there before, changed or not. */
export function isSameFile(entry: BaselineEntry | undefined, stats: BigIntStats): boolean {
  return entry !== undefined && entry.ino === stats.ino && entry.birthtimeNs === stats.birthtimeNs;
}

/** Whether a file is, to all that stat tells, as it was: every change of a file moves its ctime. */
export function isUntouched(entry: BaselineEntry | undefined, stats: BigIntStats): boolean {
  return isSameFile(entry, stats) && entry?.ctimeNs === stats.ctimeNs;
}

/** Takes a file as it is now for unchanged. */
export function rebase(root: ByteString, path: ByteString, baseline: Baseline): void {
  const full = path === '' ? root : `${root}/${path}`;
  baseline.entries.set(path, entryOf(lstatSync(fsPath(full), { bigint: true })));
}
