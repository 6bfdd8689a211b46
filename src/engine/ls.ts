import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import { formatGoTime, timeFromNanos } from '../formats/go-time.ts';
import { isWhiteout } from '../snapshot/disk-node.ts';
import type { FileKind, FileNode, FileTree } from '../snapshot/file-tree.ts';
import { resolvePath } from '../snapshot/resolve-path.ts';
import { findSubject } from './look/find-subject.ts';
import { type KindTree, viewOf } from './look/layer-view.ts';
import { splitPlace } from './look/split-place.ts';
import { openForReading } from './open-for-reading.ts';

export interface LsOptions {
  readonly dataRoot: string;
  /** An image, container or layer, perhaps with `:/path` behind it. */
  readonly name: string;
  /** The path, where the name has none. */
  readonly path?: string;
  /** Also what is in the folders. */
  readonly recursive?: boolean;
  /** Stops with LL_LIMIT above so many files; a million unless told. */
  readonly limit?: number;
}

const LIMIT = 1_000_000;

/** One file of a listing. */
export interface FileEntry {
  /** Absolute inside of what was listed. Bytes that are no UTF-8 show as U+FFFD. */
  readonly path: string;
  /** Its last part; `/` for the root. */
  readonly name: string;
  /** `whiteout`: this layer deletes the name. */
  readonly type: FileKind | 'whiteout';
  /** Permission, set-id and sticky bits: 0-07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** RFC 3339 with nanoseconds, in UTC. */
  readonly mtime: string;
  /** Of a symbolic link; else empty. */
  readonly target: string;
  /** Device numbers; 0 for what is no device. */
  readonly major: number;
  readonly minor: number;
  /** How many folders below the listed one. */
  readonly depth: number;
}

export interface Listing {
  /** What was listed, its links resolved. */
  readonly path: string;
  readonly type: FileEntry['type'];
  readonly entries: readonly FileEntry[];
}

/**
 * The files in a folder of an image or container, as overlayfs would show them, or of one layer, as its tar has them; of anything but
 * a folder that file alone. Owners and times are those of tar-split where the disk cannot hold them. Throws LL_NOT_FOUND, LL_CORRUPT.
 */
export function ls(options: LsOptions): Listing {
  const { tree, node, components } = openPlace(options);
  const shown = `/${fromByteString(components.join('/'))}`;
  const limit = options.limit ?? LIMIT;
  const entries = node.kind === 'dir' ? below(tree, node, components, options.recursive === true, limit) : [];
  const own = entryOf(node, components, 0);
  return { path: shown, type: own.type, entries: node.kind === 'dir' ? entries : [own] };
}

/**
 * As `ls`, the paths alone (the names where it is not recursive): no file is looked at whose kind its folder tells, which takes a
 * third of the time.
 */
export function lsNames(options: LsOptions): readonly string[] {
  const { tree, node, components } = openPlace(options);
  const recursive = options.recursive === true;
  const found =
    node.kind === 'dir' ? pathsBelow(tree, node, components.join('/'), recursive, options.limit) : undefined;
  const paths = found ?? [components.join('/')];
  return paths.map((path) =>
    recursive ? `/${fromByteString(path)}` : fromByteString(path.slice(path.lastIndexOf('/') + 1)),
  );
}

interface OpenPlace {
  readonly tree: KindTree;
  readonly node: FileNode;
  readonly components: readonly ByteString[];
}

function openPlace(options: LsOptions): OpenPlace {
  const store = openForReading(options.dataRoot);
  const { subject, path } = splitPlace(options.name, options.path);
  const tree = viewOf(store, findSubject(store, subject));
  const resolved = resolvePath(tree, toByteString(path), true);
  const { components } = resolved;
  // A link to nothing is listed itself.
  const node = resolved.node ?? resolvePath(tree, toByteString(path), false).node;
  if (node === undefined) throw noSuchFile(subject, path);
  return { tree, node, components };
}

export function noSuchFile(subject: string, path: string): LayerlabError {
  return new LayerlabError('LL_NOT_FOUND', `No such file in ${subject}: ${path}`);
}

/** In the order of `below`. */
function pathsBelow(
  tree: KindTree,
  dir: FileNode,
  at: ByteString,
  recursive: boolean,
  limit = LIMIT,
): readonly ByteString[] {
  const paths: ByteString[] = [];
  // A folder whose names are being gone through: hostile layers may nest deeper than the stack.
  const open = [{ node: dir, path: at, names: tree.kinds(dir), next: 0 }];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const entry = folder.names[folder.next++];
    if (entry === undefined) {
      open.pop();
      continue;
    }
    const mayBeFolder = recursive && (entry.kind === undefined || entry.kind === 'dir');
    const node = mayBeFolder || entry.kind === undefined ? tree.child(folder.node, entry.name) : undefined;
    // Gone since the folder was read.
    if (node === undefined && (mayBeFolder || entry.kind === undefined)) continue;
    if (paths.length >= limit) throw tooMany(limit);
    const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
    paths.push(path);
    if (recursive && node?.kind === 'dir') open.push({ node, path, names: tree.kinds(node), next: 0 });
  }
  return paths;
}

function tooMany(limit: number): LayerlabError {
  return new LayerlabError('LL_LIMIT', `there are more than ${limit} files`);
}

/** Depth first, names bytewise. No recursion: a hostile layer may nest deeper than the stack. */
function below(
  tree: FileTree,
  dir: FileNode,
  at: readonly ByteString[],
  recursive: boolean,
  limit: number,
): FileEntry[] {
  const entries: FileEntry[] = [];
  const pending: { readonly node: FileNode; readonly components: readonly ByteString[] }[] = [];
  const push = (folder: FileNode, components: readonly ByteString[]): void => {
    for (const name of tree.names(folder).toReversed()) {
      const node = tree.child(folder, name);
      if (node !== undefined) pending.push({ node, components: [...components, name] });
    }
  };
  push(dir, at);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (entries.length >= limit) throw tooMany(limit);
    entries.push(entryOf(next.node, next.components, next.components.length - at.length - 1));
    if (recursive && next.node.kind === 'dir') push(next.node, next.components);
  }
  return entries;
}

function entryOf(node: FileNode, components: readonly ByteString[], depth: number): FileEntry {
  return {
    path: `/${fromByteString(components.join('/'))}`,
    name: fromByteString(components.at(-1) ?? '/'),
    type: isWhiteout(node) ? 'whiteout' : node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    size: node.size,
    mtime: formatGoTime(timeFromNanos(node.mtime)),
    target: fromByteString(node.target),
    major: node.major,
    minor: node.minor,
    depth,
  };
}
