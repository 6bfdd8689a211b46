import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../../formats/bytestring.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import { type ArchiveAdder, addArchive } from './add-archive.ts';
import { type FoundSource, findSources } from './find-sources.ts';
import { makeDirs } from './make-dirs.ts';
import type { ModeChange } from './mode.ts';
import type { Owner } from './owner.ts';

export interface CopyRequest {
  readonly source: FileTree;
  readonly sources: readonly string[];
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
  /** What the Docker version does in its own way. */
  readonly format: CopyFormat;
}

/**
 * COPY and ADD as BuildKit does them (tonistiigi/fsutil copy/copy.go, moby/buildkit solver/llbsolver/file): a folder's
 * contents go into the destination, which gets the source folder's times; folders below that are there already take the
 * source's owner, mode and times; files replace files; links at the top of a source are followed, others copied.
 */
export async function copyBuildkit(tree: ChangeTree, request: CopyRequest): Promise<void> {
  for (const word of request.sources) {
    for (const source of findSources(request.source, word, request.format.missingSource)) {
      if (request.archives !== undefined && source.node.kind === 'file') {
        const unpacked = await addArchive(tree, source.node, request.archives, () => makeDestination(tree, request));
        if (unpacked) continue;
      }
      copyOne(tree, request, source);
    }
  }
  for (const document of request.documents) copyOne(tree, request, document);
}

function madeDir(request: CopyRequest, mode: number) {
  return {
    mode,
    uid: request.owner?.uid ?? 0,
    gid: request.owner?.gid ?? 0,
    time: request.madeTime,
  };
}

function makeDestination(tree: ChangeTree, request: CopyRequest): readonly ByteString[] {
  return makeDirs(tree, toByteString(request.destination), madeDir(request, 0o755), request.now);
}

function copyOne(tree: ChangeTree, request: CopyRequest, source: FoundSource): void {
  const destination = toByteString(request.destination);
  const parentMode = request.mode?.octal ?? 0o755;
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
  const copier = new Copier(tree, request);
  copier.copy(source.node, components, false);
}

let copies = 0;

class Copier {
  readonly #tree: ChangeTree;
  readonly #request: CopyRequest;
  /** Names of one file are linked within one source only. */
  readonly #scope = `${++copies}:`;

  constructor(tree: ChangeTree, request: CopyRequest) {
    this.#tree = tree;
    this.#request = request;
  }

  copy(node: FileNode, to: readonly ByteString[], overwriteMetadata: boolean): void {
    if (node.kind === 'dir') this.#copyDir(node, to, overwriteMetadata);
    else this.#copyFile(node, to);
  }

  #copyDir(node: FileNode, to: readonly ByteString[], overwriteMetadata: boolean): void {
    const tree = this.#tree;
    const there = tree.lookup(to);
    if (there !== undefined && there.kind !== 'dir') {
      throw new LayerlabError('LL_BUILD_FAILED', `cannot copy to non-directory: ${shown(to)}`);
    }
    const created = there === undefined;
    if (created) tree.makeDir(to, { kind: 'dir', ...this.#attributes(node, node.mode), mtime: node.mtime });
    const source = this.#request.source;
    for (const name of source.names(node)) {
      const child = source.child(node, name);
      if (child !== undefined && child.kind !== 'socket') this.copy(child, [...to, name], true);
    }
    const dir = tree.copyUp(to);
    const overwrites = created || overwriteMetadata;
    if (overwrites) this.#overwrite(dir, node);
    if (!overwrites && !this.#request.format.restoresTimes) return;
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

  #copyFile(node: FileNode, to: readonly ByteString[]): void {
    const { fifos, devicesAs } = this.#request.format;
    const isDevice = node.kind === 'char' || node.kind === 'block';
    const asEmptyFile = isDevice && devicesAs === 'file';
    if (node.kind === 'fifo' && !fifos) return;
    if (this.#tree.lookup(to)?.kind === 'dir') {
      throw new LayerlabError('LL_BUILD_FAILED', `cannot replace to directory ${shown(to)} with file`);
    }
    this.#tree.put(to, {
      kind: isDevice ? devicesAs : node.kind,
      ...this.#attributes(node, node.mode),
      size: node.size,
      mtime: node.mtime,
      atime: node.atime,
      major: asEmptyFile ? 0 : node.major,
      minor: asEmptyFile ? 0 : node.minor,
      target: node.target,
      xattrs: node.xattrs(),
      inode: node.inode === '' ? '' : this.#scope + node.inode,
      ...(asEmptyFile ? {} : { content: { kind: 'file', path: node.path } }),
      ...(node.signature === undefined ? {} : { signature: node.signature }),
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

function shown(components: readonly ByteString[]): string {
  return `/${fromByteString(components.join('/'))}`;
}
