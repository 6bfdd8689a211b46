import type { Writable } from 'node:stream';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import { isWhiteout } from '../snapshot/disk-node.ts';
import type { FileNode, FileTree } from '../snapshot/file-tree.ts';
import { resolvePath } from '../snapshot/resolve-path.ts';
import { extractToFolder } from './extract/to-folder.ts';
import { extractToTar } from './extract/to-tar.ts';
import { findSubject } from './look/find-subject.ts';
import { viewOf } from './look/layer-view.ts';
import { splitPlace } from './look/split-place.ts';
import { noSuchFile } from './ls.ts';
import { openForReading } from './open-for-reading.ts';

export interface ExtractOptions {
  readonly dataRoot: string;
  /** An image, container or layer, perhaps with `:/path` behind it. */
  readonly name: string;
  /** A folder that is missing or empty; a tar, where the name ends in `.tar`; or a stream for a tar, which is left open. */
  readonly output: string | Writable;
  /** Folder: keep owners, set-id bits and extended attributes, and make devices; needs root. A tar always has them. */
  readonly preserve?: boolean;
  readonly onProgress?: (progress: { readonly current: number; readonly total: number }) => void;
}

export interface ExtractResult {
  readonly files: number;
  readonly bytes: number;
  /** What was left out: devices, fifos and sockets, deletions of a layer by itself. */
  readonly skipped: readonly string[];
}

/** A file to extract, in an order in which folders come before what is in them. */
export interface ExtractItem {
  /** Relative to what is extracted, never empty; no `.`, `..` or empty part. */
  readonly name: ByteString;
  readonly node: FileNode;
}

/**
 * Writes the files of an image, container or layer into a folder or a tar. Nothing is written outside of the folder: it is new, and
 * every file in it is made, never opened. Throws LL_NOT_FOUND, LL_CONFLICT where the output is there, LL_CORRUPT, LL_NO_SPACE.
 */
export async function extract(options: ExtractOptions): Promise<ExtractResult> {
  const store = openForReading(options.dataRoot);
  const { subject, path } = splitPlace(options.name);
  const tree = viewOf(store, findSubject(store, subject));
  const { node, components } = resolvePath(tree, toByteString(path), true);
  if (node === undefined) throw noSuchFile(subject, path);
  const items = node.kind === 'dir' ? itemsBelow(tree, node) : [{ name: components.at(-1) ?? '', node }];
  const skipped = items.filter(({ node: { kind } }) => kind === 'socket');
  const deletions = items.filter(({ node: one }) => isWhiteout(one));
  const wanted = items.filter(({ node: one }) => one.kind !== 'socket' && !isWhiteout(one));
  const total = wanted.reduce((sum, { node: { size } }) => sum + size, 0);
  const progress = (current: number): void => options.onProgress?.({ current, total });
  const { output } = options;
  const left =
    typeof output !== 'string' || output.endsWith('.tar')
      ? await extractToTar(store, wanted, output, progress)
      : extractToFolder(store, wanted, output, options.preserve === true, progress);
  const names = [...skipped, ...deletions, ...left].map(({ name }) => fromByteString(name));
  return { files: wanted.length - left.length, bytes: total, skipped: names };
}

function itemsBelow(tree: FileTree, root: FileNode): ExtractItem[] {
  const items: ExtractItem[] = [];
  const pending: { readonly dir: FileNode; readonly prefix: ByteString }[] = [{ dir: root, prefix: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const name of tree.names(next.dir)) {
      const node = tree.child(next.dir, name);
      if (node === undefined) continue;
      if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
        throw new LayerlabError('LL_BREAKOUT', `a layer has a file named ${JSON.stringify(name)}`);
      }
      items.push({ name: next.prefix + name, node });
      if (node.kind === 'dir') pending.push({ dir: node, prefix: `${next.prefix}${name}/` });
    }
  }
  return items;
}
