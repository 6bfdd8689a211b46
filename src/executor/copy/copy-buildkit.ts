import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../../formats/bytestring.ts';
import { type CopyFilter, sourcePlace } from '../../planner/copy-filter.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { type FileKind, type FileNode, type FileTree, openEntries } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { StampRecorder } from '../cache/source-stamp.ts';
import type { FetchedSource } from '../remote/remote-source.ts';
import { type ArchiveAdder, addArchive } from './add-archive.ts';
import { findPlace } from './find-place.ts';
import type { FoundSource } from './find-sources.ts';
import { makeDirs } from './make-dirs.ts';
import type { ModeChange } from './mode.ts';
import type { Owner } from './owner.ts';

export interface CopyRequest {
  readonly source: FileTree;
  readonly sources: readonly string[];
  readonly excludes: readonly string[];
  readonly parents: boolean;
  /** Those of the sources that do not come from `source`, by their word. */
  readonly fetched: ReadonlyMap<string, FetchedSource>;
  /** Whether archives among these are unpacked (`--unpack`). */
  readonly unpacksFetched: boolean;
  /** Copied after the sources, and never unpacked. */
  readonly documents: readonly FoundSource[];
  /** Absolute; a trailing slash means "into this folder". */
  readonly destination: string;
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
  /** ADD: archives are unpacked. Undefined for COPY. */
  readonly archives: ArchiveAdder | undefined;
  /** The time of folders made on the way; undefined: now. */
  readonly madeTime: bigint | undefined;
  readonly now: () => bigint;
  /** Told of all that is looked at. */
  readonly stamp?: StampRecorder | undefined;
  /** What the Docker version does in its own way. */
  readonly format: CopyFormat;
  /** Whether folders are settled before anything comes into them. */
  readonly isByFolder?: boolean;
  /** Told of the folder that a folder goes into, where it goes folder by folder. */
  readonly onDestination?: ((to: readonly ByteString[]) => void) | undefined;
}

/**
 * COPY and ADD as BuildKit does them (tonistiigi/fsutil copy/copy.go, moby/buildkit solver/llbsolver/file): a folder's
 * contents go into the destination, which gets the source folder's times; folders below that are there already take the
 * source's owner, mode and times; files replace files; links at the top of a source are followed, others copied.
 */
export async function copyBuildkit(tree: ChangeTree, request: CopyRequest): Promise<void> {
  for (const word of request.sources) {
    const place = sourcePlace(request, word);
    const fetched = request.fetched.get(word);
    if (fetched !== undefined) {
      await addFetched(tree, request, fetched, place.filter);
      continue;
    }
    for (const source of findPlace(request.source, place, request.format.missingSource)) {
      request.stamp?.source(word, source);
      if (request.archives !== undefined && source.node.kind === 'file') {
        const unpacked = await addArchive(tree, source.node, request.archives, () => makeDestination(tree, request));
        if (unpacked) continue;
      }
      finish(copyOne(tree, request, source, place.filter));
    }
  }
  // Their text is in the Dockerfile.
  for (const document of request.documents) finish(copyOne(tree, { ...request, stamp: undefined }, document));
}

/**
 * As `copyBuildkit`, folder by folder, for the one copy of one folder: each is settled before anything comes into it, and what is in it
 * comes in the order of the tar, so that what is there already can be written. Undefined where that cannot be.
 */
export function copyByFolder(tree: ChangeTree, request: CopyRequest): Generator<void, void> | undefined {
  const { sources, fetched, documents, excludes, parents, format } = request;
  const word = sources[0];
  if (word === undefined || sources.length > 1 || fetched.size > 0) return undefined;
  if (documents.length > 0 || excludes.length > 0 || parents || !format.restoresTimes) return undefined;
  const place = sourcePlace(request, word);
  if (place.filter !== undefined) return undefined;
  const [source, ...more] = findPlace(request.source, place, format.missingSource);
  if (source?.node.kind !== 'dir' || more.length > 0) return undefined;
  request.stamp?.source(word, source);
  return copyOne(tree, { ...request, isByFolder: true }, source);
}

async function addFetched(
  tree: ChangeTree,
  request: CopyRequest,
  { tree: source, found }: FetchedSource,
  filter: CopyFilter | undefined,
): Promise<void> {
  const { archives } = request;
  if (request.unpacksFetched && archives !== undefined && found.node.kind === 'file') {
    if (await addArchive(tree, found.node, archives, () => makeDestination(tree, request))) return;
  }
  finish(copyOne(tree, { ...request, source }, found, filter));
}

function madeDir(request: CopyRequest, mode: number) {
  return {
    mode,
    uid: request.owner?.uid ?? 0,
    gid: request.owner?.gid ?? 0,
    time: request.madeTime,
    keepsGroup: request.owner === undefined,
  };
}

function makeDestination(tree: ChangeTree, request: CopyRequest): readonly ByteString[] {
  return makeDirs(tree, toByteString(request.destination), madeDir(request, 0o755), request.now);
}

/** A destination and what is above it are made by mkdir, with the daemon's umask and without set-id and sticky bits. */
const MADE_BITS = 0o755;

function copyOne(
  tree: ChangeTree,
  request: CopyRequest,
  source: FoundSource,
  filter?: CopyFilter,
): Generator<void, void> {
  const destination = toByteString(request.destination);
  const parentMode = (request.mode?.octal ?? 0o755) & MADE_BITS;
  const parent = destination.slice(0, destination.lastIndexOf('/') + 1);
  makeDirs(tree, parent, madeDir(request, parentMode), request.now);
  let { components, node } = resolvePath(tree, destination, true);
  if (source.node.kind !== 'dir' && node?.kind === 'dir') {
    components = [...components, source.name];
    node = tree.lookup(components);
  }
  if (source.node.kind === 'dir' && node === undefined) {
    makeDirs(tree, components.join('/'), madeDir(request, parentMode), request.now);
  }
  if (request.isByFolder === true) request.onDestination?.(components);
  return new Copier(tree, request, filter).copy(source.node, components, '', false);
}

/** Takes all the steps of a plan. */
function finish(steps: Generator<void, void>): void {
  while (steps.next().done !== true);
}

let copies = 0;

class Copier {
  readonly #tree: ChangeTree;
  readonly #request: CopyRequest;
  /** Names of one file are linked within one source only. */
  readonly #scope = `${++copies}:`;
  readonly #filter: CopyFilter | undefined;
  /** The folders above the node at hand; those that are not taken themselves are made when something in them is. */
  readonly #above: { readonly node: FileNode; readonly to: readonly ByteString[]; made: boolean }[] = [];

  constructor(tree: ChangeTree, request: CopyRequest, filter: CopyFilter | undefined) {
    this.#tree = tree;
    this.#request = request;
    this.#filter = filter;
  }

  /** @param path where the node is below its source; empty for the source itself, which no filter leaves out */
  *copy(
    node: FileNode,
    to: readonly ByteString[],
    path: ByteString,
    overwriteMetadata: boolean,
  ): Generator<void, void> {
    this.#request.stamp?.node(node, path);
    const isDir = node.kind === 'dir';
    const taken = path === '' || this.#filter === undefined || this.#filter.takes(path, isDir);
    if (taken) this.#makeAbove();
    if (isDir) {
      if (!taken && this.#filter?.mayTakeBelow(path) === false) return;
      const created = taken && this.#openDir(node, to);
      this.#above.push({ node, to, made: taken });
      const open = taken ? this.#settleEarly(node, to, created || overwriteMetadata) : undefined;
      yield* this.#copyChildren(node, to, path);
      this.#above.pop();
      if (open !== undefined) open.isOpen = false;
      else if (taken) this.#closeDir(node, to, created || overwriteMetadata);
      yield;
    } else if (taken) {
      const kind = copiedKind(node.kind, this.#request.format);
      const name = to[to.length - 1];
      if (kind === undefined) return;
      if (name === undefined) throw isFolder(to);
      const folder = to.slice(0, -1);
      this.#copyFile(node, kind, this.#tree.copyUp(folder), folder, name);
    }
  }

  *#copyChildren(node: FileNode, to: readonly ByteString[], path: ByteString): Generator<void, void> {
    const entries = openEntries(this.#request.source, node);
    const prefix = path === '' ? '' : `${path}/`;
    let into: ChangeNode | undefined;
    for (let index = 0; index < entries.names.length; index++) {
      const child = entries.node(index);
      if (child === undefined) continue;
      const name = entries.names[index] as ByteString;
      if (child.kind === 'dir') yield* this.copy(child, [...to, name], prefix + name, true);
      else {
        this.#request.stamp?.node(child, prefix + name);
        if (this.#filter?.takes(prefix + name, false) === false) continue;
        this.#makeAbove();
        const kind = copiedKind(child.kind, this.#request.format);
        if (kind === undefined) continue;
        into ??= this.#tree.copyUp(to);
        this.#copyFile(child, kind, into, to, name);
      }
    }
  }

  /**
   * Gives a folder what it will have in the end, before anything is in it, and leaves it open: then it can be written already.
   * Nothing is done where that cannot be known, or where others put names into it too.
   */
  #settleEarly(node: FileNode, to: readonly ByteString[], overwrite: boolean): ChangeNode | undefined {
    if (this.#request.isByFolder !== true) return undefined;
    const dir = this.#tree.copyUp(to);
    if (dir.children.size > 0) return undefined;
    this.#closeDir(node, to, overwrite);
    dir.isOpen = true;
    return dir;
  }

  /** A folder that was left out itself: what is in it moves its time, and one that is there only takes the mode. */
  #makeAbove(): void {
    for (const folder of this.#above) {
      if (folder.made) continue;
      folder.made = true;
      if (this.#openDir(folder.node, folder.to)) this.#overwrite(this.#tree.copyUp(folder.to), folder.node);
      else this.#tree.copyUp(folder.to).mode = folder.node.mode;
    }
  }

  /** Makes a folder where there is none yet, and says whether it did. */
  #openDir(node: FileNode, to: readonly ByteString[]): boolean {
    const tree = this.#tree;
    const there = tree.lookup(to);
    if (there !== undefined && there.kind !== 'dir') {
      throw new LayerlabError('LL_BUILD_FAILED', `cannot copy to non-directory: ${shown(to)}`);
    }
    const created = there === undefined;
    if (created) tree.makeDir(to, { kind: 'dir', ...this.#attributes(node, node.mode), mtime: node.mtime });
    return created;
  }

  #closeDir(node: FileNode, to: readonly ByteString[], overwrite: boolean): void {
    if (!overwrite && !this.#request.format.restoresTimes) return;
    const dir = this.#tree.copyUp(to);
    if (overwrite) this.#overwrite(dir, node);
    dir.mtime = node.mtime;
    dir.atime = node.atime;
  }

  #overwrite(dir: ChangeNode, node: FileNode): void {
    const { uid, gid, mode } = this.#attributes(node, node.mode);
    dir.uid = uid;
    dir.gid = gid;
    dir.mode = mode;
    dir.setXattrs(new Map([...dir.xattrs(), ...node.xattrs()]));
  }

  /** @param to where the folder `dir` is */
  #copyFile(node: FileNode, kind: FileKind, dir: ChangeNode, to: readonly ByteString[], name: ByteString): void {
    const asEmptyFile = kind === 'file' && node.kind !== 'file';
    if (this.#tree.child(dir, name)?.kind === 'dir') throw isFolder([...to, name]);
    const { uid, gid, mode } = this.#attributes(node, node.mode);
    this.#tree.putIn(dir, name, {
      kind,
      mode,
      uid,
      gid,
      size: node.size,
      mtime: node.mtime,
      atime: node.atime,
      major: asEmptyFile ? 0 : node.major,
      minor: asEmptyFile ? 0 : node.minor,
      target: node.target,
      xattrs: node.sharesXattrs === true && !asEmptyFile ? node : node.xattrs(),
      inode: node.inode === '' ? '' : this.#scope + node.inode,
      content: asEmptyFile ? undefined : { kind: 'file', path: node.path },
      signature: node,
    });
  }

  #attributes(node: FileNode, mode: number): { uid: number; gid: number; mode: number } {
    const { owner, mode: change } = this.#request;
    return {
      uid: owner?.uid ?? node.uid,
      gid: owner?.gid ?? node.gid,
      mode: change === undefined || node.kind === 'symlink' ? mode : change.apply(mode, node.kind === 'dir'),
    };
  }
}

/**
 * What becomes of a file; undefined where it is left out. The fsutil of Docker 28 takes the bits of a type out of the mode: a
 * socket becomes an empty file, a block device a character device.
 */
function copiedKind(kind: FileKind, { fifos, devicesAs }: CopyFormat): FileKind | undefined {
  if (kind === 'char' || kind === 'block') return devicesAs;
  if (kind === 'fifo') return fifos ? kind : undefined;
  if (kind === 'socket') return fifos ? 'file' : undefined;
  return kind;
}

function isFolder(to: readonly ByteString[]): LayerlabError {
  return new LayerlabError('LL_BUILD_FAILED', `cannot replace to directory ${shown(to)} with file`);
}

function shown(components: readonly ByteString[]): string {
  return `/${fromByteString(components.join('/'))}`;
}
