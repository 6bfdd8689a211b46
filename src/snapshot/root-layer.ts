import type { ByteString } from '../formats/bytestring.ts';
import type { RootFiles, RootStat } from '../host/root-files.ts';
import { type FileKind, type FileNode, noXattrs } from './file-tree.ts';
import type { LayerFiles, LayerName } from './layer-files.ts';

const OPAQUE = ['trusted.overlay.opaque', 'user.overlay.opaque'];

/** A file of a data-root, wherever that lies. */
class RootNode implements FileNode {
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
  readonly #files: RootFiles;

  constructor(files: RootFiles, path: ByteString, stat: RootStat) {
    this.#files = files;
    this.path = path;
    this.kind = stat.kind;
    this.mode = stat.mode;
    this.uid = stat.uid;
    this.gid = stat.gid;
    this.size = stat.size;
    this.mtime = stat.mtime;
    this.atime = stat.atime;
    this.major = stat.major;
    this.minor = stat.minor;
    this.inode = stat.inode;
  }
  get target(): ByteString {
    return this.kind === 'symlink' ? (this.#files.readlink(this.path) ?? '') : '';
  }
  /** Overlay's own bookkeeping is no attribute of the file, nor is what the host's security modules put there. */
  xattrs(): ReadonlyMap<string, Buffer> {
    if (this.kind === 'socket') return noXattrs;
    const found = [...this.#files.xattrs(this.path)].filter(
      ([name]) => !/^(?:trusted|user)\.overlay\./.test(name) && name !== 'security.selinux',
    );
    return found.length === 0 ? noXattrs : new Map(found.sort());
  }
}

/** A layer as its `diff` folder holds it, in a data-root on disk or in a tar. Every file is looked at once. */
export class RootLayer implements LayerFiles {
  readonly #files: RootFiles;
  readonly #diff: ByteString;
  readonly #nodes = new Map<ByteString, RootNode | undefined>();
  /** Folders whose names have been read: what is not among them need not be looked for. */
  readonly #listed = new Map<ByteString, ReadonlyMap<ByteString, FileKind | undefined>>();

  constructor(files: RootFiles, diff: ByteString) {
    this.#files = files;
    this.#diff = diff;
  }

  get(path: ByteString): FileNode | undefined {
    if (this.#nodes.has(path)) return this.#nodes.get(path);
    if (this.#isKnownAbsent(path)) return undefined;
    const whole = this.#whole(path);
    const stat = this.#files.lstat(whole);
    const node = stat === undefined ? undefined : new RootNode(this.#files, whole, stat);
    this.#nodes.set(path, node);
    return node;
  }

  names(path: ByteString): readonly LayerName[] {
    const found = this.#kinds(path);
    this.#listed.set(path, found);
    return Array.from(found, ([name, kind]): LayerName => {
      // Only a character device can be one.
      const node = kind === undefined || kind === 'char' ? this.get(path === '' ? name : `${path}/${name}`) : undefined;
      return { name, kind, whiteout: node?.kind === 'char' && node.major === 0 && node.minor === 0 };
    });
  }

  isOpaque(path: ByteString): boolean {
    const xattrs = this.#files.xattrs(this.#whole(path));
    return OPAQUE.some((name) => xattrs.get(name)?.toString('latin1') === 'y');
  }

  #kinds(path: ByteString): ReadonlyMap<ByteString, FileKind | undefined> {
    const whole = this.#whole(path);
    return this.#files.kinds?.(whole) ?? new Map((this.#files.names(whole) ?? []).map((name) => [name, undefined]));
  }

  #isKnownAbsent(path: ByteString): boolean {
    if (path === '') return false;
    const slash = path.lastIndexOf('/');
    return this.#listed.get(slash < 0 ? '' : path.slice(0, slash))?.has(path.slice(slash + 1)) === false;
  }

  #whole(path: ByteString): ByteString {
    return path === '' ? this.#diff : `${this.#diff}/${path}`;
  }
}
