import { readBytes } from '../../committer/copy-bytes.ts';
import { tarEntryOf } from '../../committer/tar-entry-of.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { beginTarsum, directorySourceName, fileSourceName, sourceName } from '../../formats/tarsum.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { FoundSource } from './find-sources.ts';

/**
 * The name by which the classic builder knows the sources of a COPY or ADD, and shows them in the history: `file:`, `dir:`
 * or `multi:` and a hash of contents, names, modes and owners, times left out (moby builder/dockerfile/copy.go).
 */
export function hashSources(tree: FileTree, sources: readonly FoundSource[]): string {
  return sourceName(
    sources.map(({ node, realPath }) => {
      if (node.kind !== 'dir') return fileSourceName(hashOne(node, realPath));
      const hashes = realPath === '' ? [] : [hashOne(node, `${realPath}/`)];
      hashBelow(tree, node, realPath === '' ? '' : `${realPath}/`, hashes);
      return directorySourceName(hashes);
    }),
  );
}

function hashBelow(tree: FileTree, dir: FileNode, prefix: ByteString, hashes: string[]): void {
  for (const name of tree.names(dir)) {
    const node = tree.child(dir, name);
    if (node === undefined || node.kind === 'socket') continue;
    const path = `${prefix}${name}`;
    if (node.kind === 'symlink') hashLink(tree, path, hashes);
    else if (node.kind !== 'dir') hashes.push(hashOne(node, path));
    else {
      hashes.push(hashOne(node, `${path}/`));
      hashBelow(tree, node, `${path}/`, hashes);
    }
  }
}

/** A link counts as what it leads to, under that one's own name; one that leads nowhere does not count. */
function hashLink(tree: FileTree, path: ByteString, hashes: string[]): void {
  const { components, node } = resolvePath(tree, path, true);
  if (node === undefined) return;
  const target = components.join('/');
  hashes.push(hashOne(node, node.kind === 'dir' ? `${target}/` : target));
}

function hashOne(node: FileNode, name: ByteString): string {
  const entry = tarEntryOf(node, name, undefined);
  const hash = beginTarsum(entry);
  if (entry.type === '0') readBytes(node.path, node.size, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}
