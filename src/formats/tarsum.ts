import { createHash, type Hash } from 'node:crypto';
import type { ByteString } from './bytestring.ts';
import type { TarEntry } from './tar-entry.ts';

/**
 * Begins the hash by which the classic builder knows a file (moby pkg/tarsum, version 1): the fields of its tar header, the
 * modification time left out. Feed the content to the result; its hex digest is the file's hash.
 */
export function beginTarsum(entry: TarEntry): Hash {
  const fields: readonly (readonly [string, ByteString | number])[] = [
    ['name', entry.name],
    ['mode', entry.mode],
    ['uid', entry.uid],
    ['gid', entry.gid],
    ['size', entry.size],
    ['typeflag', entry.type],
    ['linkname', entry.linkname],
    ['uname', entry.uname],
    ['gname', entry.gname],
    ['devmajor', entry.devmajor],
    ['devminor', entry.devminor],
  ];
  const hash = createHash('sha256').update(fields.map(([key, value]) => `${key}${value}`).join(''), 'latin1');
  const keys = [...entry.xattrs.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const key of keys) hash.update(key, 'latin1').update(entry.xattrs.get(key) ?? Buffer.alloc(0));
  return hash;
}

/** The classic builder's hash of a file, 64 hex digits: its tar header and its content. */
export function tarsumV1(entry: TarEntry, content: Iterable<Uint8Array> = []): string {
  const hash = beginTarsum(entry);
  for (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

/** The name of a single file as a source of COPY or ADD, from its hash: `file:<hex>`. */
export function fileSourceName(hash: string): string {
  return `file:${hash}`;
}

/** The name of a folder as a source: `dir:<hex>` over the sorted hashes of everything below it (moby builder/dockerfile/copy.go). */
export function directorySourceName(hashes: readonly string[]): string {
  return `dir:${fold([...hashes].sort())}`;
}

/** The name of all sources of one instruction: a single one's own, else `multi:<hex>` over the names in order. */
export function sourceName(names: readonly string[]): string {
  const [only] = names;
  return names.length === 1 && only !== undefined ? only : `multi:${fold(names)}`;
}

function fold(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(',')).digest('hex');
}
