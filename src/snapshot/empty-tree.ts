import { type FileTree, noXattrs } from './file-tree.ts';

/** A tree with nothing in it. `time`: nanoseconds, of its root folder. */
export function emptyTree(time: bigint): FileTree {
  const root = {
    kind: 'dir',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: time,
    atime: time,
    major: 0,
    minor: 0,
    target: '',
    inode: '',
    path: '',
    xattrs: () => noXattrs,
  } as const;
  return { root, child: () => undefined, names: () => [] };
}
