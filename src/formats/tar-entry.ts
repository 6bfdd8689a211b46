import type { ByteString } from './bytestring.ts';

/** Regular file, hard link, symbolic link, character device, block device, folder, fifo: the typeflag of a tar header. */
export type TarType = '0' | '1' | '2' | '3' | '4' | '5' | '6';

/** One file of a layer tar, as its header tells it. */
export interface TarEntry {
  /** Relative to the root of the layer, without a leading `/`; a folder's ends with `/`. */
  readonly name: ByteString;
  readonly type: TarType;
  /** Permission bits with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for everything but a regular file. */
  readonly size: number;
  /** Whole seconds since 1970; may be negative. */
  readonly mtime: number;
  /** Target of a link; empty for everything else. */
  readonly linkname: ByteString;
  readonly uname: ByteString;
  readonly gname: ByteString;
  readonly devmajor: number;
  readonly devminor: number;
  /** Extended attributes, stored as `SCHILY.xattr.` records; keyed by byte string. */
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
}

/** For entries without extended attributes. */
export const NO_XATTRS: ReadonlyMap<ByteString, Buffer> = new Map();
