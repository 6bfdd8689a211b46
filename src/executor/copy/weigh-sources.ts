import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { findSources } from './find-sources.ts';

/** Files and bytes that are copied sooner than another thread could be told of them. */
const FEW_FILES = 150;
const FEW_BYTES = 8 * 1024 * 1024;

/** Whether the sources of a COPY are worth a thread of their own. Looks at no more of them than it takes to know. */
export function isHeavy(tree: FileTree, sources: readonly string[]): boolean {
  let files = 0;
  let bytes = 0;
  const isOver = (node: FileNode): boolean => {
    files += 1;
    bytes += node.kind === 'file' ? node.size : 0;
    if (files > FEW_FILES || bytes > FEW_BYTES) return true;
    if (node.kind !== 'dir') return false;
    return tree.names(node).some((name) => {
      const child = tree.child(node, name);
      return child !== undefined && isOver(child);
    });
  };
  try {
    return sources.some((word) => findSources(tree, word).some(({ node }) => isOver(node)));
  } catch (error) {
    // What is wrong with them is said where they are copied.
    if (error instanceof LayerlabError) return false;
    throw error;
  }
}
