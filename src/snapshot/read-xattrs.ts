import type { ByteString } from '../formats/bytestring.ts';
import { lgetxattr, llistxattr } from '../host/xattrs.ts';
import { noXattrs } from './file-tree.ts';

const onLinux = process.platform === 'linux';

/** Overlay's own bookkeeping: never an attribute of the file. */
function isControl(name: string): boolean {
  return name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.');
}

/** All extended attributes of a file but overlay's own, and but those that the host's security modules put there. */
export function readXattrs(path: ByteString): ReadonlyMap<string, Buffer> {
  if (!onLinux) return noXattrs;
  const names = llistxattr(path);
  if (names.length === 0) return noXattrs;
  const found = new Map<string, Buffer>();
  for (const name of names.sort()) {
    if (isControl(name) || name === 'security.selinux') continue;
    const value = lgetxattr(path, name);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

/** Whether overlay marked a layer's folder as hiding everything below it. */
export function isOpaqueDir(path: ByteString): boolean {
  if (!onLinux) return false;
  for (const name of ['trusted.overlay.opaque', 'user.overlay.opaque']) {
    const value = lgetxattr(path, name);
    if (value?.length === 1 && value[0] === 0x79) return true;
  }
  return false;
}
