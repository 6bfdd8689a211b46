import { readFileSync } from 'node:fs';
import type { ByteString } from '../formats/bytestring.ts';
import { lgetxattr } from './xattrs.ts';

/** What a child may be started with, for a moment, by this process (see run-git). */
const MOMENTARY_UMASK = 0o022;

/**
 * Which modes a file has that is made with them in or below a folder that this process made: none of the bits that the umask takes away,
 * none that a call of its own is safer for (set-id, sticky). Where the folder hands access lists down, no mode is.
 */
export function keptModes(folder: ByteString): (mode: number) => boolean {
  const umask = readUmask();
  if (umask === undefined || lgetxattr(folder, 'system.posix_acl_default') !== undefined) return () => false;
  const lost = umask | MOMENTARY_UMASK | ~0o777;
  return (mode) => (mode & lost) === 0;
}

/** Node can only tell it by setting it, for all threads. */
function readUmask(): number | undefined {
  try {
    const found = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return found === undefined ? undefined : Number.parseInt(found, 8);
  } catch {
    // No Linux.
    return undefined;
  }
}
