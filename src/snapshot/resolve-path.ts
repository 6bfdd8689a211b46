import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import type { FileNode, FileTree } from './file-tree.ts';

/** As the kernel and containerd's RootPath: more links than this on one way are a loop. */
const MAX_LINKS = 255;

export interface ResolvedPath {
  /** Names from the root down, with no `.`, `..` or symbolic link on the way. */
  readonly components: readonly ByteString[];
  /** What is there; undefined where nothing is. */
  readonly node: FileNode | undefined;
}

/** The names of a path, `.` and empty ones dropped, `..` kept. */
export function splitPath(path: ByteString): ByteString[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/**
 * Resolves a path inside a tree, symbolic link by symbolic link, as the kernel does for a process whose root is the tree:
 * absolute links start at the tree's root and `..` stops there. What follows a missing name is taken as written.
 *
 * @param followLast whether a link at the very end is followed
 * @throws LL_BREAKOUT where links run in a circle
 */
export function resolvePath(tree: FileTree, path: ByteString, followLast: boolean): ResolvedPath {
  const pending = splitPath(path).reverse();
  const names: ByteString[] = [];
  const nodes: (FileNode | undefined)[] = [tree.root];
  let links = 0;
  while (pending.length > 0) {
    const name = pending.pop() as ByteString;
    if (name === '..') {
      if (names.length > 0) {
        names.pop();
        nodes.pop();
      }
      continue;
    }
    const parent = nodes[nodes.length - 1];
    const node = parent?.kind === 'dir' ? tree.child(parent, name) : undefined;
    if (node?.kind === 'symlink' && (followLast || pending.length > 0)) {
      links += 1;
      if (links > MAX_LINKS) {
        throw new LayerlabError('LL_BREAKOUT', `too many links on the way to ${fromByteString(path)}`);
      }
      if (node.target.startsWith('/')) {
        names.length = 0;
        nodes.length = 1;
      }
      pending.push(...splitPath(node.target).reverse());
      continue;
    }
    names.push(name);
    nodes.push(node);
  }
  return { components: names, node: nodes[nodes.length - 1] };
}
