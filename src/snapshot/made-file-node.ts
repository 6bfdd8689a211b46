import type { ByteString } from '../formats/bytestring.ts';
import { type FileNode, noXattrs } from './file-tree.ts';

/** What has to be said of a file that layerlab itself made; `time` in nanoseconds since the epoch. */
export interface MadeFile {
  readonly path: ByteString;
  readonly size: number;
  readonly mode: number;
  readonly time: bigint;
}

/** A regular file that layerlab itself made, root's and without attributes, as COPY and ADD take files. */
export function madeFileNode({ path, size, mode, time }: MadeFile): FileNode {
  return {
    kind: 'file',
    mode,
    uid: 0,
    gid: 0,
    size,
    mtime: time,
    atime: time,
    major: 0,
    minor: 0,
    target: '',
    inode: '',
    path,
    xattrs: () => noXattrs,
  };
}
