import type { ByteString } from '../formats/bytestring.ts';

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
}

/** A tree of files that can be walked by name. `child` never follows a symbolic link. */
export interface FileTree {
  readonly root: FileNode;
  /** The entry of a folder of this tree, undefined where there is none. */
  child(dir: FileNode, name: ByteString): FileNode | undefined;
  /** The names in a folder of this tree, bytewise sorted. */
  names(dir: FileNode): readonly ByteString[];
}

export const noXattrs: ReadonlyMap<string, Buffer> = new Map();
