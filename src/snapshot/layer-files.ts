import type { ByteString } from '../formats/bytestring.ts';
import type { FileKind, FileNode } from './file-tree.ts';

export interface LayerName {
  readonly name: ByteString;
  readonly whiteout: boolean;
  /** Where it is known without looking at the file. */
  readonly kind?: FileKind | undefined;
}

/** The files of one layer, by paths relative to its root ('' is the root itself). */
export interface LayerFiles {
  /** A whiteout is a character device 0:0. Undefined where the layer has no such name. */
  get(path: ByteString): FileNode | undefined;
  names(path: ByteString): readonly LayerName[];
  isOpaque(path: ByteString): boolean;
}
