import {
  type BigIntStats,
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import { mknod, setTimes } from '../../host/syscalls.ts';
import { lgetxattr, llistxattr, lsetxattr } from '../../host/xattrs.ts';

const TYPE_BITS = 0o170000n;
const PERMISSION_BITS = 0o7777n;

/** Paths by `dev:ino` of the files with several names that were copied so far. */
export type CopiedLinks = Map<string, ByteString>;

/** Attributes that belong to a mounted overlay, not to the files in it. */
const CONTROL_XATTR = /^(trusted|user)\.overlay\./;

/** Gives a copy the owner, mode, extended attributes and times (nanoseconds) of the file it was made from. */
export function copyMetadata(from: ByteString, to: ByteString, stats: BigIntStats): void {
  lchownSync(fsPath(to), Number(stats.uid), Number(stats.gid));
  // After chown, which clears the set-id bits and file capabilities.
  if (!stats.isSymbolicLink()) chmodSync(fsPath(to), Number(stats.mode & PERMISSION_BITS));
  for (const name of llistxattr(from)) {
    if (CONTROL_XATTR.test(name)) continue;
    const value = lgetxattr(from, name);
    if (value !== undefined) lsetxattr(to, name, value);
  }
  setTimes(to, stats.atimeNs, stats.mtimeNs);
}

/**
 * Copies one file of any kind but a folder, by reflink where the file system can; a further name of a file that was
 * copied already becomes a hard link. `to` must not be there.
 */
export function copyFile(from: ByteString, to: ByteString, stats: BigIntStats, links?: CopiedLinks): void {
  const key = links !== undefined && stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined;
  const known = key === undefined ? undefined : links?.get(key);
  if (known !== undefined) {
    linkSync(fsPath(known), fsPath(to));
    return;
  }
  if (stats.isFile()) copyFileSync(fsPath(from), fsPath(to), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  else if (stats.isSymbolicLink()) symlinkSync(fsPath(readlinkSync(fsPath(from), { encoding: 'latin1' })), fsPath(to));
  else mknod(to, Number(stats.mode & TYPE_BITS) | 0o600, stats.rdev);
  copyMetadata(from, to, stats);
  if (key !== undefined) links?.set(key, to);
}

/**
 * Copies what is in a folder, and the folder's own metadata, onto an empty one: owners, modes, extended attributes, times
 * and hard links are kept, links are not followed.
 */
export function copyTree(from: ByteString, to: ByteString): void {
  try {
    copyFolder(from, to, new Map());
  } catch (error) {
    throw ioError(error, 'Copying a tree');
  }
}

function copyFolder(from: ByteString, to: ByteString, links: CopiedLinks): void {
  const folder = lstatSync(fsPath(from), { bigint: true });
  for (const name of readdirSync(fsPath(from), { encoding: 'latin1' })) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    const stats = lstatSync(fsPath(source), { bigint: true });
    if (stats.isDirectory()) {
      mkdirSync(fsPath(target));
      copyFolder(source, target, links);
    } else copyFile(source, target, stats, links);
  }
  copyMetadata(from, to, folder);
}
