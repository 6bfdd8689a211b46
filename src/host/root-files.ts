import type { ByteString } from '../formats/bytestring.ts';

export type RootFileKind = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** What is known of one file of a data-root without reading it. */
export interface RootStat {
  readonly kind: RootFileKind;
  /** Permission, set-id and sticky bits: 0-07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for anything but a regular file. */
  readonly size: number;
  /** Bytes that the file takes of the disk. */
  readonly allocated: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly atime: bigint;
  /** Device numbers, 0 where it is no device. */
  readonly major: number;
  readonly minor: number;
  /** The same text for every name of one hard-linked file; empty where the file has one name. */
  readonly inode: string;
}

/** An open regular file. */
export interface RootFile {
  readonly size: number;
  /** Fills a buffer from a position of the file on; gives how many bytes there were, 0 at the end. */
  read(buffer: Buffer, position: number): number;
  close(): void;
}

/**
 * The files of a data-root, wherever they lie: in a folder of this host, or inside of a tar that stays packed. Paths are
 * those of `dataRootPaths`: the data-root's own absolute name in front. No call follows a symbolic link in the last name.
 */
export interface RootFiles {
  /** Undefined where nothing is there. */
  lstat(path: ByteString): RootStat | undefined;
  /** The names in a folder, bytewise sorted; undefined where there is no folder. */
  names(path: ByteString): readonly ByteString[] | undefined;
  /** As `names`, each with its kind where the folder tells; undefined also where that cannot be had. Absent where asking costs more. */
  kinds?(path: ByteString): ReadonlyMap<ByteString, RootFileKind | undefined> | undefined;
  /** The text of a symbolic link; undefined where there is none. */
  readlink(path: ByteString): ByteString | undefined;
  /** Undefined where nothing is there. Throws LL_CORRUPT where it is no regular file; never waits for a fifo. */
  open(path: ByteString): RootFile | undefined;
  /** All extended attributes, overlay's own among them. */
  xattrs(path: ByteString): ReadonlyMap<string, Buffer>;
}
