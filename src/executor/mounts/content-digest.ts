import { createHash } from 'node:crypto';
import { readBytes } from '../../committer/copy-bytes.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';

/**
 * A digest of what a mount shows of a tree, 64 hex digits: contents, modes, owners, links, devices, extended attributes, and
 * the names below, but neither times nor the name of the file itself (buildkit cache/contenthash). `anyRoot` leaves the
 * attributes of the folder itself out, for a context, whose root is not sent.
 */
export function contentDigest(tree: FileTree, node: FileNode, anyRoot = false): string {
  return digestOf(tree, node, anyRoot, new Map());
}

function digestOf(tree: FileTree, node: FileNode, anyRoot: boolean, links: Map<string, string>): string {
  const xattrs = [...node.xattrs()].map(([name, value]) => [name, value.toString('base64')]).sort();
  const { kind, mode, uid, gid, size, target, major, minor } = node;
  const own = anyRoot ? [kind] : [kind, mode, uid, gid, kind === 'file' ? size : 0, target, major, minor, xattrs];
  const hash = createHash('sha256').update(JSON.stringify(own));
  if (kind === 'file') hash.update(contentOf(node, links));
  if (kind === 'dir') {
    for (const name of tree.names(node)) {
      const child = tree.child(node, name);
      if (child !== undefined) hash.update(`${JSON.stringify(name)}${digestOf(tree, child, false, links)}`);
    }
  }
  return hash.digest('hex');
}

/** Hard links are read once. */
function contentOf(node: FileNode, links: Map<string, string>): string {
  const known = node.inode === '' ? undefined : links.get(node.inode);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  if (node.size > 0) readBytes(node.path, node.size, (chunk) => hash.update(chunk));
  const digest = hash.digest('hex');
  if (node.inode !== '') links.set(node.inode, digest);
  return digest;
}
