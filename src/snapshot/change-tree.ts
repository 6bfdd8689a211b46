import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, compareBytes, fromByteString } from '../formats/bytestring.ts';
import { type ChangeAttributes, ChangeNode } from './change-node.ts';
import type { FileNode, FileTree } from './file-tree.ts';

/**
 * A change on top of a merged view, held in memory until the committer writes it: what an overlay mount's upper folder
 * would hold after the same operations. Copy-up keeps a folder's own attributes; making or removing a name in a folder
 * moves that folder's time to the time of the operation; a folder made where the layers below have the name is opaque.
 *
 * Paths are lists of names without `.`, `..` or links: resolve first (`resolvePath` takes this tree).
 */
export class ChangeTree implements FileTree {
  readonly root: ChangeNode;
  readonly #base: FileTree;
  readonly #now: () => bigint;

  /** @param now the clock for what an operation touches, nanoseconds */
  constructor(base: FileTree, now: () => bigint) {
    this.#base = base;
    this.#now = now;
    // As dockerd makes the folder of every new snapshot, whatever the root of the layers below is like.
    this.root = new ChangeNode({ kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: now() });
    this.root.lower = base.root;
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    if (!(dir instanceof ChangeNode)) return this.#base.child(dir, name);
    const changed = dir.children.get(name);
    if (changed !== undefined) return changed.whiteout ? undefined : changed;
    return dir.lower === undefined ? undefined : this.#base.child(dir.lower, name);
  }

  names(dir: FileNode): readonly ByteString[] {
    if (!(dir instanceof ChangeNode)) return this.#base.names(dir);
    const names = new Set(dir.lower === undefined ? [] : this.#base.names(dir.lower));
    for (const [name, node] of dir.children) {
      if (node.whiteout) names.delete(name);
      else names.add(name);
    }
    return [...names].sort(compareBytes);
  }

  /** What is at a path, or undefined. */
  lookup(components: readonly ByteString[]): FileNode | undefined {
    let node: FileNode | undefined = this.root;
    for (const name of components) {
      if (node?.kind !== 'dir') return undefined;
      node = this.child(node, name);
    }
    return node;
  }

  /** The folder at a path, brought into the change with its attributes as they are. */
  copyUp(components: readonly ByteString[]): ChangeNode {
    let dir = this.root;
    for (const name of components) {
      const node = this.child(dir, name);
      if (node?.kind !== 'dir') {
        throw new LayerlabError('LL_BUILD_FAILED', `/${fromByteString(components.join('/'))}: not a directory`);
      }
      if (node instanceof ChangeNode) {
        dir = node;
        continue;
      }
      const copy = new ChangeNode({
        kind: 'dir',
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        mtime: node.mtime,
        atime: node.atime,
        xattrs: node.xattrs(),
      });
      copy.lower = node;
      dir.children.set(name, copy);
      dir = copy;
    }
    return dir;
  }

  /** Makes a folder that is not there yet; its parent is there. */
  makeDir(components: readonly ByteString[], attributes: ChangeAttributes): ChangeNode {
    const { dir, name } = this.#parent(components);
    const node = new ChangeNode(attributes);
    node.opaque = this.#below(dir, name) !== undefined;
    dir.children.set(name, node);
    this.#touch(dir);
    return node;
  }

  /** Puts a file of any kind but a folder, in place of any file that is there; its parent is there. */
  put(components: readonly ByteString[], attributes: ChangeAttributes): ChangeNode {
    const { dir, name } = this.#parent(components);
    return this.putIn(dir, name, attributes);
  }

  /** As `put`, into a folder that `copyUp` gave. */
  putIn(dir: ChangeNode, name: ByteString, attributes: ChangeAttributes): ChangeNode {
    refuseMark(name);
    const node = new ChangeNode(attributes);
    dir.children.set(name, node);
    this.#touch(dir);
    return node;
  }

  /** Gives a file that is there a further name. A file of the layers below is copied up first, under its own name too. */
  link(components: readonly ByteString[], target: readonly ByteString[]): void {
    const node = this.lookup(target);
    if (node === undefined || node.kind === 'dir') {
      throw new LayerlabError('LL_BUILD_FAILED', `/${fromByteString(target.join('/'))}: cannot be linked to`);
    }
    const inode = node.inode === '' ? `link:${target.join('/')}` : node.inode;
    const attributes = { ...attributesOf(node), inode };
    const source = this.#parent(target);
    if (!(node instanceof ChangeNode) || node.inode === '')
      source.dir.children.set(source.name, new ChangeNode(attributes));
    const { dir, name } = this.#parent(components);
    dir.children.set(name, new ChangeNode(attributes));
    this.#touch(dir);
  }

  /** Deletes a name with all that is below it. */
  remove(components: readonly ByteString[]): void {
    const { dir, name } = this.#parent(components);
    if (this.child(dir, name) === undefined) return;
    const time = this.#now();
    if (this.#below(dir, name) === undefined) {
      dir.children.delete(name);
    } else {
      const node = new ChangeNode({ kind: 'char', mode: 0, uid: 0, gid: 0, mtime: time });
      node.whiteout = true;
      dir.children.set(name, node);
    }
    dir.mtime = time;
  }

  /** Bytes of all files that the change brings. */
  contentSize(): number {
    const below = (dir: ChangeNode): number => {
      let sum = 0;
      for (const node of dir.children.values()) sum += node.kind === 'dir' ? below(node) : node.size;
      return sum;
    };
    return below(this.root);
  }

  #parent(components: readonly ByteString[]): { dir: ChangeNode; name: ByteString } {
    const name = components[components.length - 1];
    if (name === undefined) throw new LayerlabError('LL_BUILD_FAILED', 'the root folder cannot be replaced');
    refuseMark(name);
    return { dir: this.copyUp(components.slice(0, -1)), name };
  }

  #below(dir: ChangeNode, name: ByteString): FileNode | undefined {
    return dir.lower === undefined ? undefined : this.#base.child(dir.lower, name);
  }

  #touch(dir: ChangeNode): void {
    if (!dir.isOpen) dir.mtime = this.#now();
  }
}

function refuseMark(name: ByteString): void {
  if (!name.startsWith('.wh.')) return;
  throw new LayerlabError(
    'LL_BUILD_FAILED',
    `${fromByteString(name)}: names that begin with .wh. mark deletions in a layer`,
    {
      hint: 'Rename the file, or leave it out by .dockerignore.',
    },
  );
}

/** What a node would be made from again. */
export function attributesOf(node: FileNode): ChangeAttributes {
  return {
    kind: node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    size: node.size,
    mtime: node.mtime,
    atime: node.atime,
    major: node.major,
    minor: node.minor,
    target: node.target,
    inode: node.inode,
    xattrs: node.xattrs(),
    ...(node instanceof ChangeNode
      ? node.content === undefined
        ? {}
        : { content: node.content }
      : node.kind === 'file'
        ? { content: { kind: 'file', path: node.path } }
        : {}),
  };
}
