import { mkdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import { emptyTree } from '../../snapshot/empty-tree.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { splitPath } from '../../snapshot/resolve-path.ts';
import { unpackArchive } from '../copy/add-archive.ts';
import { ArchiveTree } from './archive-tree.ts';

/** A context that came as a tar. */
export interface TarContext {
  readonly tree: FileTree;
  /** Takes a file at the root of the context out of it. */
  remove(name: ByteString): void;
}

/** The tree of a context is in memory: some hundred bytes a file. */
const LIMITS = { maxEntries: 1_000_000 };

/**
 * Reads a tar, perhaps compressed, that is to be the build context. No name of it reaches the disk: the tree is in memory,
 * and contents lie in numbered files, so that owners, links and devices are as in the tar whoever runs this. BuildKit
 * keeps the owners, classic gives everything to root.
 *
 * @param path the tar, a file of ours
 * @param staging a folder of ours, not there yet, for the contents
 * @throws LL_TAR, LL_LIMIT, LL_BREAKOUT, LL_ARCHIVE for a tar that is none, a bomb, or would leave its root
 */
export async function openTarContext(
  path: ByteString,
  staging: ByteString,
  builder: 'buildkit' | 'classic',
): Promise<TarContext> {
  mkdirSync(fsPath(staging), { recursive: true, mode: 0o700 });
  const tree = new ChangeTree(emptyTree(nowNanos()), nowNanos);
  const headers = new Map<ByteString, TarEntry>();
  const keep = (entry: TarEntry): void => void headers.set(splitPath(entry.name).join('/'), entry);
  const adder = { staging, owner: undefined, now: nowNanos };
  await unpackArchive(tree, path, adder, [], builder === 'classic' ? keep : undefined, LIMITS);
  return {
    tree: builder === 'classic' ? new ArchiveTree(tree, headers) : tree,
    remove: (name) => tree.remove([name]),
  };
}
