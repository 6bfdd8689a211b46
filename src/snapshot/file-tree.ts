import type { ByteString } from '../formats/bytestring.ts';
import type { FileFacts } from '../host/file-facts.ts';

export type FileKind = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** One file of any kind, wherever it lies: a build context, a layer, a merged image, a change being made. */
export interface FileNode {
  readonly kind: FileKind;
  /** Permission, set-id and sticky bits: 0-07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for anything but a regular file. */
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly atime: bigint;
  /** Device numbers, 0 where it is no device. */
  readonly major: number;
  readonly minor: number;
  /** A symbolic link's text, else empty. */
  readonly target: ByteString;
  /** The same text for every name of one hard-linked file; empty where the file has one name. */
  readonly inode: string;
  /** Where the content can be read on this host. */
  readonly path: ByteString;
  /**
   * Changes whenever the content may have: device, inode, size, times of change, the last number being the time of the
   * inode's change in nanoseconds. Absent where the host tells nothing of the kind.
   */
  readonly signature?: string;
  /** Set where a file at `path` that has no extended attributes has none here either. */
  readonly sharesXattrs?: boolean;
  /** Extended attributes, read when asked for. */
  xattrs(): ReadonlyMap<string, Buffer>;
  /** What `lstat` said of it. Absent where it was not asked. */
  facts?(): FileFacts;
}

/** A tree of files that can be walked by name. `child` never follows a symbolic link. */
export interface FileTree {
  readonly root: FileNode;
  /** The entry of a folder of this tree, undefined where there is none. */
  child(dir: FileNode, name: ByteString): FileNode | undefined;
  /** The names in a folder of this tree, bytewise sorted. */
  names(dir: FileNode): readonly ByteString[];
  /** The names and what `child` says of each in one go; undefined where that is no quicker. */
  list?(dir: FileNode): FolderListing | undefined;
}

/** All that is in a folder, as it was at one moment. */
export interface FolderListing {
  /** Bytewise sorted. */
  readonly names: readonly ByteString[];
  facts(index: number): FileFacts;
  node(index: number): FileNode;
}

/** The names in a folder, bytewise sorted, and what each of them is: undefined where it went meanwhile. */
export interface FolderEntries {
  readonly names: readonly ByteString[];
  node(index: number): FileNode | undefined;
}

/** What is in a folder, for those who look at many files: nothing is made for any of them but its node. */
export function openEntries(tree: FileTree, dir: FileNode): FolderEntries {
  const listing = tree.list?.(dir);
  if (listing !== undefined) return listing;
  const names = tree.names(dir);
  return { names, node: (index) => tree.child(dir, names[index] as ByteString) };
}

/** The files of a folder with their names, in the order of these. */
export function* entriesOf(tree: FileTree, dir: FileNode): Generator<readonly [ByteString, FileNode]> {
  const { names, node } = openEntries(tree, dir);
  for (let index = 0; index < names.length; index++) {
    const child = node(index);
    if (child !== undefined) yield [names[index] as ByteString, child];
  }
}

export const noXattrs: ReadonlyMap<string, Buffer> = new Map();
