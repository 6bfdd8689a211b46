import type { ByteString } from '../formats/bytestring.ts';
import type { FileKind, FileNode } from './file-tree.ts';
import { noXattrs } from './file-tree.ts';

/** Where the bytes of a changed file come from when the change is written. */
export type Content =
  | { readonly kind: 'file'; readonly path: ByteString }
  /** A file of ours beside the snapshot: it is moved into place. */
  | { readonly kind: 'staged'; readonly path: ByteString }
  /** A part of a larger file, the node's size in bytes. */
  | { readonly kind: 'part'; readonly source: PartSource; readonly offset: number };

/** A file that many contents lie in, as an archive; `stamp` tells whether it is still the same. */
export interface PartSource {
  readonly path: ByteString;
  readonly stamp: string;
}

export interface ChangeAttributes {
  readonly kind: FileKind;
  mode: number;
  uid: number;
  gid: number;
  size?: number;
  mtime: bigint;
  atime?: bigint;
  major?: number;
  minor?: number;
  target?: ByteString;
  /** A node is asked for its own when they are first wanted. */
  xattrs?: ReadonlyMap<string, Buffer> | Pick<FileNode, 'xattrs'>;
  content?: Content | undefined;
  /** Names of one file share one text; empty: no hard link. */
  inode?: string;
  /** A node is asked for its own whenever it is wanted. */
  signature?: string | Pick<FileNode, 'signature'>;
}

/** Of what is no folder. */
const NO_CHILDREN = new Map<ByteString, ChangeNode>();

/** A file, folder or deletion that a change brings, with its attributes as the layer will hold them. */
export class ChangeNode implements FileNode {
  readonly kind: FileKind;
  mode: number;
  uid: number;
  gid: number;
  readonly size: number;
  mtime: bigint;
  atime: bigint;
  readonly major: number;
  readonly minor: number;
  readonly target: ByteString;
  readonly inode: string;
  readonly path: ByteString;
  readonly content: Content | undefined;
  readonly #signature: string | Pick<FileNode, 'signature'>;
  #xattrs: ReadonlyMap<string, Buffer> | Pick<FileNode, 'xattrs'>;
  /** True: the name is deleted here, and a whiteout says so. */
  whiteout = false;
  /** Folders: hides everything below. */
  opaque = false;
  /**
   * Folders: what it is like itself is settled, but names are still to come, each of them behind those that are there in bytewise
   * order.
   */
  isOpen = false;
  /** Folders: the merged folder of the layers below, where the two merge. */
  lower: FileNode | undefined;
  readonly children: Map<ByteString, ChangeNode>;

  constructor(attributes: ChangeAttributes) {
    this.kind = attributes.kind;
    this.mode = attributes.mode;
    this.uid = attributes.uid;
    this.gid = attributes.gid;
    this.size = attributes.size ?? 0;
    this.mtime = attributes.mtime;
    this.atime = attributes.atime ?? attributes.mtime;
    this.major = attributes.major ?? 0;
    this.minor = attributes.minor ?? 0;
    this.target = attributes.target ?? '';
    this.inode = attributes.inode ?? '';
    this.content = attributes.content;
    this.#signature = attributes.signature ?? '';
    const { content } = attributes;
    this.path = content === undefined || content.kind === 'part' ? '' : content.path;
    this.#xattrs = attributes.xattrs ?? noXattrs;
    this.children = attributes.kind === 'dir' ? new Map() : NO_CHILDREN;
  }

  get signature(): string {
    return typeof this.#signature === 'string' ? this.#signature : (this.#signature.signature ?? '');
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    if ('xattrs' in this.#xattrs) this.#xattrs = this.#xattrs.xattrs();
    return this.#xattrs;
  }

  /** Whether the extended attributes are those of the file that the content comes from, and nobody has asked for them yet. */
  get leavesXattrs(): boolean {
    return 'xattrs' in this.#xattrs;
  }

  setXattrs(xattrs: ReadonlyMap<string, Buffer>): void {
    this.#xattrs = xattrs;
  }
}
