import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { errnoOf } from '../../host/io-error.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { ContextTree } from '../context/context-tree.ts';
import { findSources } from './find-sources.ts';

/**
 * What the sources of a COPY weigh: `light` ones are copied sooner than another thread could be told of them, `heavy` ones are
 * worth a thread that opens the whole data-root for itself; what is in between is worth threads that run already.
 */
export type Weight = 'light' | 'medium' | 'heavy';

/** More files than these, or bytes, are not light. */
const FEW_FILES = 150;
const FEW_BYTES = 8 * 1024 * 1024;
/** From so many files on they are heavy. */
const MANY_FILES = 1500;

/**
 * Whether the sources of a COPY are so many files that they are heavy. They are counted no further, and not at all where something
 * cannot be looked at, which the copy may never do.
 */
export function areMany(tree: FileTree, sources: readonly string[]): boolean {
  return countFiles(tree, sources) >= MANY_FILES;
}

/** Whether one of these COPYs, given by their sources, is of many files. No more than these are counted in all. */
export function isOneOfMany(tree: FileTree, copies: readonly (readonly string[])[]): boolean {
  let counted = 0;
  for (const sources of copies) {
    const files = countFiles(tree, sources);
    counted += files;
    if (counted >= MANY_FILES) return files >= MANY_FILES;
  }
  return false;
}

/** Whether the sources of a COPY are so many files that they are neither light nor heavy. */
export function haveSomeFiles(tree: FileTree, sources: readonly string[]): boolean {
  const files = countFiles(tree, sources);
  return files > FEW_FILES && files < MANY_FILES;
}

function countFiles(tree: FileTree, sources: readonly string[]): number {
  let files = 0;
  const count = (folder: FileNode): void => {
    files += 1;
    for (const { name, isFolder } of listing(tree, folder)) {
      if (files >= MANY_FILES) return;
      const child = isFolder ? tree.child(folder, name) : undefined;
      if (child?.kind === 'dir') count(child);
      else files += 1;
    }
  };
  try {
    for (const { node } of sources.flatMap((word) => findSources(tree, word))) {
      if (node.kind === 'dir') count(node);
      else files += 1;
    }
  } catch (error) {
    // What is wrong with them is said where they are copied.
    if (!(error instanceof LayerlabError) && errnoOf(error) === undefined) throw error;
    return 0;
  }
  return files;
}

/**
 * Weighs the sources of a COPY. Many files in folders of this host are only counted: how many bytes they have tells the plan
 * of the copy.
 */
export function weighSources(tree: FileTree, sources: readonly string[]): Weight {
  let files = 0;
  const sizes: (() => number)[] = [];
  const addFile = (size: () => number): void => {
    files += 1;
    if (files <= FEW_FILES) sizes.push(size);
  };
  const addFolder = (folder: FileNode): void => {
    files += 1;
    for (const { name, isFolder } of listing(tree, folder)) {
      if (files >= MANY_FILES) return;
      const child = isFolder ? tree.child(folder, name) : undefined;
      if (child?.kind === 'dir') addFolder(child);
      else addFile(() => sizeOf(tree.child(folder, name)));
    }
  };
  try {
    for (const { node } of sources.flatMap((word) => findSources(tree, word))) {
      if (node.kind === 'dir') addFolder(node);
      else addFile(() => sizeOf(node));
    }
    if (files >= MANY_FILES) return 'heavy';
    if (files > FEW_FILES) return 'medium';
    return sizes.reduce((sum, size) => sum + size(), 0) > FEW_BYTES ? 'heavy' : 'light';
  } catch (error) {
    // What is wrong with them is said where they are copied.
    if (error instanceof LayerlabError) return 'light';
    throw error;
  }
}

function sizeOf(node: FileNode | undefined): number {
  return node?.kind === 'file' ? node.size : 0;
}

function listing(
  tree: FileTree,
  folder: FileNode,
): readonly { readonly name: ByteString; readonly isFolder: boolean }[] {
  if (tree instanceof ContextTree) return tree.listing(folder);
  return tree.names(folder).map((name) => ({ name, isFolder: tree.child(folder, name)?.kind === 'dir' }));
}
