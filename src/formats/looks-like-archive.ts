import { BLOCK } from './tar-block.ts';
import { parseRawHeader } from './tar-raw-header.ts';

/** So many bytes of the beginning tell an archive from a Dockerfile. */
export const ARCHIVE_HEAD = 1024;

const MAGIC: readonly (readonly number[])[] = [
  [0x42, 0x5a, 0x68],
  [0x1f, 0x8b, 0x08],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/**
 * Whether what is given in place of a build context is an archive: bzip2, gzip, xz or zstd data, or a tar of any dialect,
 * known by the checksum of its first header (docker/cli build.IsArchive). Anything else is a Dockerfile.
 */
export function looksLikeArchive(head: Buffer): boolean {
  if (MAGIC.some((magic) => magic.every((byte, index) => head[index] === byte))) return true;
  if (head.length < BLOCK || head.subarray(0, BLOCK).every((byte) => byte === 0)) return false;
  try {
    parseRawHeader(head.subarray(0, BLOCK));
    return true;
  } catch {
    return false;
  }
}
