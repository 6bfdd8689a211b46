import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import type { RootFileKind } from '../host/root-files.ts';
import { otherStores } from '../store/other-stores.ts';
import type { Store } from '../store/store.ts';
import { openForReading } from './open-for-reading.ts';
import { noteOf } from './tree/note-of.ts';
import { type WhoIsWho, whoIsWho } from './tree/who-is-who.ts';

export interface TreeOptions {
  readonly dataRoot: string;
  /** A folder or file of it, relative to the data-root; the whole of it unless told. */
  readonly path?: string;
  /** How many folders deep; 2 for the whole data-root, else no limit, unless told. */
  readonly depth?: number;
  /** Also show what is in large `diff` folders. */
  readonly unfold?: boolean;
}

/** A file of a data-root and what it is. */
export interface TreeNode {
  readonly name: string;
  /** Relative to the data-root; empty for the data-root itself. */
  readonly path: string;
  readonly type: RootFileKind;
  readonly size: number;
  /** Of a symbolic link; else empty. */
  readonly target: string;
  /** What it is, whom it points to; empty where nothing is known of it. */
  readonly note: string;
  readonly children: readonly TreeNode[];
  /** How many files are in a folder that is not shown; `FOLD_LIMIT` stands for that many or more. Undefined where it is shown. */
  readonly folded: number | undefined;
  /** Its names may not be read by this user. */
  readonly closed: boolean;
}

/** From so many files on a `diff` folder is folded. */
const LARGE = 20;
export const FOLD_LIMIT = 1000;
const MOST = 200_000;

interface Walk {
  readonly store: Store;
  readonly who: WhoIsWho;
  readonly unfold: boolean;
  count: number;
}

/**
 * A data-root as `tree` draws it, with what each file is and whom it points to. Large `diff` folders are folded. Throws LL_NOT_FOUND,
 * LL_LIMIT above 200,000 files.
 */
export function tree(options: TreeOptions): TreeNode {
  const store = openForReading(options.dataRoot);
  const parts = toByteString(options.path ?? '')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new LayerlabError('LL_BREAKOUT', `${options.path} leads out of the data-root`);
  // No link on the way is followed: it could lead anywhere.
  for (let at = 1; at < parts.length; at++) {
    const kind = store.files.lstat(`${store.paths.root}/${parts.slice(0, at).join('/')}`)?.kind;
    if (kind !== 'dir') throw missing(options.path);
  }
  const walk: Walk = { store, who: whoIsWho(store), unfold: options.unfold === true, count: 0 };
  const node = visit(walk, parts, options.depth ?? (parts.length === 0 ? 2 : Number.POSITIVE_INFINITY));
  if (node === undefined && parts.length === 0) {
    throw new LayerlabError('LL_NOT_FOUND', `there is no data-root at ${options.dataRoot}`);
  }
  if (node === undefined) throw missing(options.path);
  return node;
}

function missing(path: string | undefined): LayerlabError {
  return new LayerlabError('LL_NOT_FOUND', `No such file in the data-root: ${path ?? ''}`);
}

function visit(walk: Walk, parts: readonly ByteString[], depth: number): TreeNode | undefined {
  const { files, paths } = walk.store;
  const path = parts.length === 0 ? paths.root : `${paths.root}/${parts.join('/')}`;
  // The data-root itself may be a link to where it is.
  const stat = files.lstat(path);
  const isRoot = parts.length === 0;
  if (stat === undefined) return undefined;
  walk.count += 1;
  if (walk.count > MOST)
    throw new LayerlabError('LL_LIMIT', `there are more than ${MOST} files: ask for less by a path or --depth`);
  const ofLayer = parts[0] === 'overlay2' && parts.length === 3 ? parts.at(-1) : undefined;
  // What is mounted on `merged` is a whole file system, with the host's /proc in it perhaps.
  const listed = (stat.kind === 'dir' && ofLayer !== 'merged') || isRoot;
  const names = listed ? namesOf(walk.store, path) : [];
  const large = ofLayer === 'diff' && !walk.unfold;
  const count = names === undefined || !large ? 0 : countFiles(walk.store, path);
  const folded = large && count > LARGE ? count : depth <= 0 && (names?.length ?? 0) > 0 ? names?.length : undefined;
  const children =
    folded !== undefined || names === undefined
      ? []
      : names.flatMap((name) => visit(walk, [...parts, name], depth - 1) ?? []);
  return {
    name: isRoot ? fromByteString(paths.root) : fromByteString(parts.at(-1) ?? ''),
    path: fromByteString(parts.join('/')),
    type: isRoot ? 'dir' : stat.kind,
    size: stat.size,
    target: stat.kind === 'symlink' ? fromByteString(files.readlink(path) ?? '') : '',
    note: isRoot ? rootNote(walk.store) : noteOf(walk.store, walk.who, parts),
    children,
    folded,
    closed: names === undefined,
  };
}

/** Whose it is, and what else is in it that is not read. */
function rootNote({ files, paths }: Store): string {
  const whose = files.lstat(paths.own) === undefined ? "a dockerd's data-root" : 'a data-root that layerlab writes';
  const others = otherStores(files, paths).map(({ kind, folder }) => `; images of ${kind} (${folder}) are not read`);
  return whose + others.join('');
}

/** Undefined where this user may not look. */
function namesOf({ files }: Store, path: ByteString): readonly ByteString[] | undefined {
  try {
    return files.names(path) ?? [];
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_NO_RIGHT') return undefined;
    throw error;
  }
}

/** Files below a folder, folders not counted; no more than the limit. */
function countFiles(store: Store, path: ByteString): number {
  const pending = [path];
  let count = 0;
  for (let dir = pending.pop(); dir !== undefined && count < FOLD_LIMIT; dir = pending.pop()) {
    for (const name of namesOf(store, dir) ?? []) {
      if (store.files.lstat(`${dir}/${name}`)?.kind === 'dir') pending.push(`${dir}/${name}`);
      else count += 1;
    }
  }
  return Math.min(count, FOLD_LIMIT);
}
