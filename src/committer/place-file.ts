import { chmodSync, lchownSync, mkdirSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { makeDevice, mknod, S_IFBLK, S_IFCHR, S_IFIFO, setTimes } from '../host/syscalls.ts';
import { lsetxattr } from '../host/xattrs.ts';
import type { ChangeNode } from '../snapshot/change-node.ts';
import type { FileNode } from '../snapshot/file-tree.ts';

const OPAQUE = 'trusted.overlay.opaque';
const YES = Buffer.from('y');

/**
 * Makes a folder of a change with its owner and mode; where the host can't hold them, one that its user can work in.
 *
 * @param handedGroup whether what is made there gets the group of the folder around it, as set-group folders have it
 */
export function makeDirectory(path: ByteString, node: ChangeNode, faithful: boolean, handedGroup: boolean): void {
  mkdirSync(fsPath(path), { mode: 0o700 });
  ownDirectory(path, node, faithful, handedGroup);
}

/** Gives a folder that was made for a change, with mode 0700, its owner and mode: see `makeDirectory`. */
export function ownDirectory(path: ByteString, node: ChangeNode, faithful: boolean, handedGroup: boolean): void {
  if (!faithful) {
    chmodSync(fsPath(path), (node.mode & 0o777) | 0o700);
    return;
  }
  if (handedGroup || node.uid !== 0 || node.gid !== 0) lchownSync(fsPath(path), node.uid, node.gid);
  chmodSync(fsPath(path), node.mode);
  if (node.opaque) markOpaque(path);
}

/** A process that may not set the mark leaves it to tar-split. */
function markOpaque(path: ByteString): void {
  try {
    lsetxattr(path, OPAQUE, YES);
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_NO_RIGHT') throw error;
  }
}

/** Makes a device, fifo or whiteout with its owner. */
export function makeSpecial(path: ByteString, node: ChangeNode, handedGroup: boolean): void {
  const type = node.kind === 'fifo' ? S_IFIFO : node.kind === 'block' ? S_IFBLK : S_IFCHR;
  mknod(path, type | node.mode, makeDevice(node.major, node.minor));
  if (handedGroup || node.uid !== 0 || node.gid !== 0) lchownSync(fsPath(path), node.uid, node.gid);
  if (!node.whiteout) chmodSync(fsPath(path), node.mode);
}

/**
 * Gives a written file or folder its extended attributes and its times; last of all, because whatever else is done to it
 * moves them.
 */
export function setAttributes(path: ByteString, node: FileNode, faithful: boolean): void {
  if (faithful) {
    for (const [name, value] of node.xattrs()) lsetxattr(path, name, value);
  }
  setTimes(path, node.atime, node.mtime);
}
