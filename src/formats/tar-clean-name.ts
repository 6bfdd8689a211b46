import { posix } from 'node:path';
import type { ByteString } from './bytestring.ts';

const UNCLEAN = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** A path as Go's filepath.Clean writes it: no empty, `.` or inner `..` parts, no slash at the end; `.` for an empty one. */
export function cleanName(name: ByteString): ByteString {
  const cut = name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name;
  // All names of an archive that was made of `.` begin so.
  const bare = cut.length > 2 && cut.startsWith('./') && cut[2] !== '/' ? cut.slice(2) : cut;
  if (!UNCLEAN.test(bare)) return bare;
  const clean = posix.normalize(bare);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
