import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { isCacheId, isLinkId, newLinkId } from '../formats/ids.ts';
import { randomHex } from '../formats/random.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { isQuicklyThere } from '../host/quick-calls.ts';
import type { RootFiles } from '../host/root-files.ts';
import { writeFileSynced, writeFileUnsynced } from './atomic-file.ts';
import { type DataRootPaths, ensureDir } from './layout.ts';
import { readSmallFile, readSmallText } from './read-small-file.ts';
import { removeTree } from './remove-tree.ts';
import { detachMerged } from './stale-mount.ts';

/** A folder of `overlay2/` that was made to be written to. All paths are absolute byte strings. */
export interface Snapshot {
  readonly cacheId: string;
  readonly dir: ByteString;
  /** The files. */
  readonly diff: ByteString;
  /** overlayfs' scratch folder; made for a snapshot with a parent only, as dockerd does. */
  readonly work: ByteString;
  /** Where a merged view may be mounted; not made here. */
  readonly merged: ByteString;
  readonly link: string;
  /** `diff` folders of the layers below, nearest first. */
  readonly lowers: readonly ByteString[];
}

export interface NewSnapshot {
  readonly cacheId: string;
  readonly parentCacheId?: string | undefined;
  readonly flushLater?: boolean;
}

/** The folders of the overlay2 driver (moby daemon/graphdriver/overlay2/overlay.go). */
export interface Overlay2 {
  /**
   * Makes `overlay2/<cacheId>` on top of a parent as dockerd does, and holds it by the process's lease. With `flushLater`
   * the caller sees to it that its records are on the disk (`records`, or all of the file system) before a layer names it.
   */
  createSnapshot(options: NewSnapshot): Snapshot;
  /**
   * Puts a snapshot that nothing runs on upon another parent, whose files are the same as those of the one it stood on.
   * Its records are not flushed.
   */
  restack(cacheId: string, parentCacheId: string): void;
  /** A snapshot's own records, not its files, which have to be on the disk before a layer names it. */
  records(cacheId: string): readonly ByteString[];
  /** The snapshot of a layer that is there. Throws LL_CORRUPT where its folder or its chain is damaged. */
  snapshot(cacheId: string): Snapshot;
  has(cacheId: string): boolean;
  /** All cache-ids, `-init` folders of containers among them. */
  list(): string[];
  diffPath(cacheId: string): ByteString;
  /** `diff` folders of the layers below a layer, nearest first, read from its `lower` file. */
  lowerDirs(cacheId: string): ByteString[];
  /** Cache-ids of the layers below a layer, nearest first. */
  parentCacheIds(cacheId: string): string[];
  /** Marks a snapshot as one that others stand on, as dockerd does when it makes a child of it. */
  markCommitted(cacheId: string): void;
  /**
   * Removes a snapshot and its link; one that is not there is fine.
   *
   * @param remove removes the snapshot's folder, which nobody sees any more: at once, or at any time later
   */
  removeSnapshot(cacheId: string, remove?: (folder: ByteString) => void): void;
  /** What inspect shows as GraphDriver.Data, as text. */
  graphDriverData(cacheId: string): ReadonlyMap<string, string>;
}

/** moby overlay2.maxDepth: the kernel takes no more lower folders from one mount call. */
const MAX_LOWERS = 128;
/** `l/` and 26 letters for each lower, `:` between them. */
const LOWER_LIMIT = (MAX_LOWERS + 1) * 29;
const LINK_TARGET = /^\.\.\/([0-9a-z]+(?:-init)?)\/diff$/;

/**
 * Opens the driver's folders. `lock` runs a function while no other process writes; `hold` marks a cache-id as ours before
 * anything of it is made.
 */
export function openOverlay2(
  paths: DataRootPaths,
  lock: <T>(fn: () => T) => T,
  hold: (cacheId: string) => void,
  files: RootFiles = diskRootFiles,
): Overlay2 {
  const dirOf = (cacheId: string): ByteString => `${paths.overlay}/${checked(cacheId)}`;
  const diffPath = (cacheId: string): ByteString => `${dirOf(cacheId)}/diff`;
  const has = (cacheId: string): boolean => isFolder(files, dirOf(cacheId));
  const parentCacheIds = (cacheId: string): string[] => {
    const lower = readSmallFile(`${dirOf(cacheId)}/lower`, LOWER_LIMIT, files);
    if (lower === undefined) return [];
    const ids = parseLower(cacheId, lower.toString('latin1')).map((link) => resolveLink(files, paths, link));
    if (new Set([cacheId, ...ids]).size !== ids.length + 1) throw damaged(cacheId, 'stands on itself');
    return ids;
  };
  const lowerDirs = (cacheId: string): ByteString[] =>
    parentCacheIds(cacheId).map((id) => `${paths.overlay}/${id}/diff`);
  const snapshot = (cacheId: string): Snapshot => {
    const dir = dirOf(cacheId);
    if (!isFolder(files, `${dir}/diff`)) throw damaged(cacheId, 'has no diff folder');
    return describe(dir, cacheId, readLink(files, dir, cacheId), lowerDirs(cacheId));
  };
  const readLower = (dir: ByteString): string | undefined =>
    readSmallFile(`${dir}/lower`, LOWER_LIMIT)?.toString('latin1');
  /** What was made here is held, and so is what it stands on: while its records say the same, no link has to be followed. */
  const made = new Map<string, Snapshot & { readonly lower: string | undefined }>();
  const unchanged = (cacheId: string): Snapshot | undefined => {
    const known = made.get(cacheId);
    if (known === undefined || !isFolder(files, known.diff)) return undefined;
    const link = readSmallText(`${known.dir}/link`, 64);
    return link === known.link && readLower(known.dir) === known.lower ? known : undefined;
  };
  return {
    has,
    diffPath,
    lowerDirs,
    parentCacheIds,
    snapshot,
    list: () => (files.names(paths.overlay) ?? []).filter((name) => isCacheId(name)),
    createSnapshot: ({ cacheId, parentCacheId, flushLater }) => {
      const parent = parentCacheId === undefined ? undefined : (unchanged(parentCacheId) ?? snapshot(parentCacheId));
      const dir = dirOf(cacheId);
      hold(cacheId);
      const own = lock(() => create(paths, dir, cacheId, parent, flushLater === true));
      made.set(cacheId, { ...own, lower: readLower(dir) });
      return own;
    },
    restack: (cacheId, parentCacheId) => {
      const own = unchanged(cacheId) ?? snapshot(cacheId);
      const parent = unchanged(parentCacheId) ?? snapshot(parentCacheId);
      lock(() => {
        markCommitted(parent);
        replaceLower(own, parent);
      });
      const lowers = [parent.diff, ...parent.lowers];
      made.set(cacheId, { ...own, lowers, lower: readLower(own.dir) });
    },
    records: (cacheId) => ['link', 'lower'].map((name) => `${dirOf(cacheId)}/${name}`),
    markCommitted: (cacheId) => markCommitted(snapshot(cacheId)),
    removeSnapshot: (cacheId, remove = removeTree) => {
      made.delete(cacheId);
      if (!has(cacheId)) return;
      const dir = dirOf(cacheId);
      detachMerged(dir);
      const link = readSmallText(`${dir}/link`, 64) ?? '';
      // Out of the driver's sight in one step; what a kill leaves in tmp/ is swept by the next writer.
      const grave = `${paths.tmp}/removing-${cacheId}-${randomHex(4)}`;
      try {
        ensureDir(paths.tmp, 0o700);
        renameSync(fsPath(dir), fsPath(grave));
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return;
        if (errnoOf(error) !== 'EXDEV') throw ioError(error, `removing snapshot ${cacheId}`);
      }
      if (isLinkId(link)) rmSync(fsPath(`${paths.links}/${link}`), { force: true });
      remove(grave);
      removeTree(dir);
    },
    graphDriverData: (cacheId) => {
      const dir = fromByteString(dirOf(cacheId));
      const lowers = lowerDirs(cacheId).map(fromByteString);
      return new Map([
        ...(lowers.length === 0 ? [] : ([['LowerDir', lowers.join(':')]] as const)),
        ['MergedDir', `${dir}/merged`],
        ['UpperDir', `${dir}/diff`],
        ['WorkDir', `${dir}/work`],
      ]);
    },
  };
}

function create(
  paths: DataRootPaths,
  dir: ByteString,
  cacheId: string,
  parent: Snapshot | undefined,
  flushLater: boolean,
): Snapshot {
  const write = flushLater ? writeFileUnsynced : writeFileSynced;
  const lowers = parent === undefined ? [] : [parent.diff, ...parent.lowers];
  if (lowers.length > MAX_LOWERS) throw new LayerlabError('LL_MAX_DEPTH', 'max depth exceeded');
  const link = newLinkId();
  try {
    ensureDir(paths.links, 0o700);
    mkdirSync(fsPath(dir), { mode: 0o710 });
  } catch (error) {
    throw ioError(error, `making snapshot ${cacheId}`);
  }
  try {
    ensureDir(dir, 0o710);
    ensureDir(`${dir}/diff`, 0o755);
    // In this order a kill leaves no link that nobody knows of.
    write(`${dir}/link`, link, 0o644);
    makeLink(`../${cacheId}/diff`, `${paths.links}/${link}`);
    if (parent !== undefined) {
      ensureDir(`${dir}/work`, 0o700);
      markCommitted(parent);
      // dockerd never syncs these two, and a power cut then leaves empty ones behind that it cannot start with.
      write(`${dir}/lower`, lowerOn(parent), 0o644);
    }
  } catch (error) {
    rmSync(fsPath(`${paths.links}/${link}`), { force: true });
    removeTree(dir);
    throw ioError(error, `making snapshot ${cacheId}`);
  }
  return describe(dir, cacheId, link, lowers);
}

/** What the `lower` file of a snapshot on this one says. */
function lowerOn(parent: Snapshot): string {
  const below = readSmallFile(`${parent.dir}/lower`, LOWER_LIMIT)?.toString('latin1');
  return below === undefined || below === '' ? `l/${parent.link}` : `l/${parent.link}:${below}`;
}

function replaceLower({ dir, cacheId }: Snapshot, parent: Snapshot): void {
  const fresh = `${dir}/lower.new`;
  try {
    writeFileUnsynced(fresh, lowerOn(parent), 0o644);
    renameSync(fsPath(fresh), fsPath(`${dir}/lower`));
  } catch (error) {
    throw ioError(error, `putting snapshot ${cacheId} upon another`);
  }
}

/** Says that a layer has a child, so that it is mounted read-only from now on. */
function markCommitted(layer: Snapshot): void {
  // It mostly is; a call that fails takes ten times as long as one that looks.
  if (isQuicklyThere(`${layer.dir}/committed`)) return;
  try {
    writeFileSync(fsPath(`${layer.dir}/committed`), '', { mode: 0o600, flag: 'wx' });
    chmodSync(fsPath(`${layer.dir}/committed`), 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

function describe(dir: ByteString, cacheId: string, link: string, lowers: readonly ByteString[]): Snapshot {
  return { cacheId, dir, diff: `${dir}/diff`, work: `${dir}/work`, merged: `${dir}/merged`, link, lowers };
}

/** Hosts that keep symbolic links from ordinary users (Windows) get the link's text as a file. */
function makeLink(target: string, path: ByteString): void {
  try {
    symlinkSync(target, fsPath(path));
  } catch (error) {
    if (process.platform !== 'win32' || errnoOf(error) !== 'EPERM') throw error;
    writeFileSync(fsPath(path), target, { mode: 0o600 });
  }
}

function readLink(files: RootFiles, dir: ByteString, cacheId: string): string {
  const link = readSmallText(`${dir}/link`, 64, files) ?? '';
  if (!isLinkId(link)) throw damaged(cacheId, 'has no valid link');
  return link;
}

function parseLower(cacheId: string, text: string): string[] {
  if (text === '') return [];
  const links = text.split(':').map((part) => (part.startsWith('l/') ? part.slice(2) : ''));
  if (links.length > MAX_LOWERS || !links.every(isLinkId)) throw damaged(cacheId, 'has no valid lower file');
  return links;
}

/** The cache-id behind a name of `l/`. A link that was lost is found again by the `link` file that names it, as dockerd does. */
function resolveLink(files: RootFiles, paths: DataRootPaths, link: string): string {
  const path = `${paths.links}/${link}`;
  // Hosts that keep symbolic links from ordinary users have the link's text as a file.
  const target = files.readlink(path) ?? readSmallText(path, 128, files);
  const cacheId =
    target === undefined
      ? (files.names(paths.overlay) ?? []).find(
          (name) => isCacheId(name) && readSmallText(`${paths.overlay}/${name}/link`, 64, files) === link,
        )
      : LINK_TARGET.exec(target)?.[1];
  if (cacheId === undefined || !isCacheId(cacheId) || !isFolder(files, `${paths.overlay}/${cacheId}/diff`)) {
    throw new LayerlabError('LL_CORRUPT', `link ${link} of the overlay2 folder leads to no layer`);
  }
  return cacheId;
}

/** True for a folder itself, not for a link to one: a layer's folder that is a link could lead anywhere. */
function isFolder(files: RootFiles, path: ByteString): boolean {
  return files.lstat(path)?.kind === 'dir';
}

function checked(cacheId: string): string {
  if (isCacheId(cacheId)) return cacheId;
  throw new LayerlabError('LL_DIGEST', `invalid cache-id ${JSON.stringify(cacheId.slice(0, 100))}`);
}

function damaged(cacheId: string, what: string): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `snapshot ${cacheId} ${what}`);
}
