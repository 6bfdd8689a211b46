import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { splitDevice } from '../host/syscalls.ts';
import { type FileKind, type FileNode, noXattrs } from './file-tree.ts';
import { readXattrs } from './read-xattrs.ts';

const S_IFMT = 0o170000;
const kinds: ReadonlyMap<number, FileKind> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
]);

/** The kind that the bits of a type in a mode stand for. */
export function kindOfMode(mode: number): FileKind {
  return kinds.get(mode & S_IFMT) ?? 'socket';
}

/** A file on this host's disk, as one `lstat` saw it. */
export class DiskNode implements FileNode {
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: bigint;
  readonly atime: bigint;
  readonly major: number;
  readonly minor: number;
  readonly inode: string;
  readonly path: ByteString;
  // Not the whole record: with its dates it takes more memory than all else that is known of a file.
  readonly #device: bigint;
  readonly #number: bigint;
  readonly #changed: bigint;
  readonly #bytes: bigint;

  constructor(path: ByteString, stat: BigIntStats) {
    this.#device = stat.dev;
    this.#number = stat.ino;
    this.#changed = stat.ctimeNs;
    const kind = kindOfMode(Number(stat.mode));
    this.kind = kind;
    this.mode = Number(stat.mode) & 0o7777;
    this.uid = Number(stat.uid);
    this.gid = Number(stat.gid);
    this.#bytes = stat.size;
    this.size = kind === 'file' ? Number(stat.size) : 0;
    this.mtime = stat.mtimeNs;
    this.atime = stat.atimeNs;
    const device = kind === 'char' || kind === 'block' ? splitDevice(stat.rdev) : { major: 0, minor: 0 };
    this.major = device.major;
    this.minor = device.minor;
    this.inode = kind !== 'dir' && stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : '';
    this.path = path;
  }

  get signature(): string {
    return `${this.#device}:${this.#number}:${this.#bytes}:${this.mtime}:${this.#changed}`;
  }

  get target(): ByteString {
    return this.kind === 'symlink' ? readlinkSync(fsPath(this.path), { encoding: 'latin1' }) : '';
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    return this.kind === 'socket' ? noXattrs : readXattrs(this.path);
  }
}

/** Looks at one path, never through a link; undefined where nothing is. Other failures are thrown as they come. */
export function lstatNode(path: ByteString): DiskNode | undefined {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : new DiskNode(path, stat);
}

/** Whether a node of a layer's `diff` is overlay's mark for "deleted here": a character device 0:0. */
export function isWhiteout(node: FileNode): boolean {
  return node.kind === 'char' && node.major === 0 && node.minor === 0;
}
