import type { FileNode } from '../../snapshot/file-tree.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import type { Download } from '../../transports/http-source.ts';

/** A downloaded file as ADD takes it: 0600, root's. `time` is in nanoseconds. */
export function downloadedNode({ path, size }: Download, time: bigint): FileNode {
  return {
    kind: 'file',
    mode: 0o600,
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
