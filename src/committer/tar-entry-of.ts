import type { ByteString } from '../formats/bytestring.ts';
import { NO_XATTRS, type TarEntry, type TarType } from '../formats/tar-entry.ts';
import type { FileKind, FileNode } from '../snapshot/file-tree.ts';
import { DIALECT_28, type TarDialect } from './tar-dialect.ts';

const TYPE_BITS: Readonly<Record<FileKind, number>> = {
  file: 0o100000,
  symlink: 0o120000,
  char: 0o20000,
  block: 0o60000,
  dir: 0o40000,
  fifo: 0o10000,
  socket: 0,
};

const types: Readonly<Record<Exclude<FileKind, 'socket'>, TarType>> = {
  file: '0',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
};

const NS = 1_000_000_000n;

/** Whole seconds of a time in nanoseconds, rounded down as Go truncates a layer's times. */
export function wholeSeconds(time: bigint): number {
  const seconds = time / NS;
  return Number(time % NS < 0n ? seconds - 1n : seconds);
}

/** File capabilities of revision 3 (with a root id) become revision 2, as moby/go-archive writes them. */
export function portableCapability(value: Buffer): Buffer {
  if (value.length < 24 || value[3] !== 3) return value;
  const copy = Buffer.from(value.subarray(0, 20));
  copy[3] = 2;
  return copy;
}

/** The mode in a header. */
export function tarMode({ mode, kind }: FileNode, { fileTypeBits }: TarDialect): number {
  return fileTypeBits ? mode | TYPE_BITS[kind] : mode;
}

const CAPABILITY = 'security.capability';

/**
 * The header of a file as Docker writes it into a layer: seconds, no names of owners, `security.capability` alone of the
 * extended attributes (moby/go-archive archive.go). Docker up to 23 keeps the kind of the file in the mode, a hard link that of
 * what it is a name of, and names the owner and the group.
 *
 * @param name relative, folders with a trailing slash
 * @param linkTo the name of the first entry of the same file, where this is a further name of it
 * @param xattrs in place of the node's own
 */
export function tarEntryOf(
  node: FileNode,
  name: ByteString,
  linkTo: ByteString | undefined,
  dialect: TarDialect = DIALECT_28,
  xattrs?: ReadonlyMap<string, Buffer>,
): TarEntry {
  const type = linkTo !== undefined ? '1' : types[node.kind as Exclude<FileKind, 'socket'>];
  const capability = node.kind === 'file' ? (xattrs ?? node.xattrs()).get(CAPABILITY) : undefined;
  return {
    name,
    type,
    mode: tarMode(node, dialect),
    uid: node.uid,
    gid: node.gid,
    size: type === '0' ? node.size : 0,
    mtime: wholeSeconds(node.mtime),
    linkname: linkTo ?? (node.kind === 'symlink' ? node.target : ''),
    uname: dialect.names?.user(node.uid) ?? '',
    gname: dialect.names?.group(node.gid) ?? '',
    devmajor: node.major,
    devminor: node.minor,
    xattrs: capability === undefined ? NO_XATTRS : new Map([[CAPABILITY, portableCapability(capability)]]),
  };
}

/** The entry that stands for a deleted name: `<folder>/.wh.<name>`. */
export function whiteoutEntry(node: FileNode, dir: ByteString, name: ByteString, dialect: TarDialect): TarEntry {
  const entry = tarEntryOf(node, `${dir}.wh.${name}`, undefined, dialect);
  return { ...entry, type: '0', mode: 0o600, devmajor: 0, devminor: 0 };
}

/** The entry behind an opaque folder's own: permissions and owner of the folder, without its special bits; time zero. */
export function opaqueEntry(node: FileNode, dir: ByteString, dialect: TarDialect): TarEntry {
  const entry = tarEntryOf(node, `${dir}.wh..wh..opq`, undefined, dialect);
  return { ...entry, type: '0', mode: node.mode & 0o777, mtime: 0, xattrs: NO_XATTRS };
}
