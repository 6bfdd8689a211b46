import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { makeDevice, mknod, S_IFBLK, S_IFCHR, S_IFIFO, setTimes } from '../../host/syscalls.ts';
import { lsetxattr } from '../../host/xattrs.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';

const S_IFSOCK = 0o140000;
const NODE_TYPES: Partial<Record<FileNode['kind'], number>> = {
  char: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
  socket: S_IFSOCK,
};

/** What an attribute of the image may fail with on a host that keeps it for itself. */
const UNSETTABLE = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Writes a merged view out as an ordinary tree into an empty folder: reflinked where the file system can, with owners,
 * modes, extended attributes and times in nanoseconds. Each name of a hard-linked file becomes a file of its own, because
 * overlayfs (index=off) copies up one name and not the others: so a later `chown -R` leaves the same layer. Throws
 * LL_NO_SPACE, LL_NO_RIGHT, LL_IO.
 */
export function materialise(view: FileTree, target: ByteString): void {
  try {
    writeFolder(view, view.root, target);
  } catch (error) {
    throw ioError(error, 'Copying the layers together');
  }
}

function writeFolder(view: FileTree, folder: FileNode, target: ByteString): void {
  for (const name of view.names(folder)) {
    const node = view.child(folder, name);
    if (node === undefined) continue;
    const path = `${target}/${name}`;
    if (node.kind === 'dir') {
      mkdirSync(fsPath(path), 0o700);
      writeFolder(view, node, path);
      continue;
    }
    writeFile(node, path);
    writeMetadata(node, path);
  }
  writeMetadata(folder, target);
}

function writeFile(node: FileNode, path: ByteString): void {
  const type = NODE_TYPES[node.kind];
  if (type !== undefined) mknod(path, type | 0o600, makeDevice(node.major, node.minor));
  else if (node.kind === 'symlink') symlinkSync(fsPath(node.target), fsPath(path));
  else if (node.path === '') writeFileSync(fsPath(path), '');
  else copyContent(node, path);
}

function copyContent(node: FileNode, path: ByteString): void {
  // A data-root is hostile: what a layer calls a regular file must not be a link that leads elsewhere.
  if (!lstatSync(fsPath(node.path)).isFile()) {
    writeFileSync(fsPath(path), '');
    return;
  }
  copyFileSync(fsPath(node.path), fsPath(path), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}

function writeMetadata(node: FileNode, path: ByteString): void {
  lchownSync(fsPath(path), node.uid, node.gid);
  if (node.kind !== 'symlink') chmodSync(fsPath(path), node.mode);
  for (const [name, value] of node.xattrs()) {
    try {
      lsetxattr(path, name, value);
    } catch (error) {
      if (!UNSETTABLE.has(errnoOf(error) ?? '')) throw error;
    }
  }
  setTimes(path, node.atime, node.mtime);
}
