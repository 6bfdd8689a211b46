import type { ByteString } from '../formats/bytestring.ts';
import type { TarEntry, TarType } from '../formats/tar-entry.ts';
import type { FileKind, FileNode } from './file-tree.ts';
import { noXattrs } from './file-tree.ts';
import type { LayerFiles, LayerName } from './layer-files.ts';

const kinds: Readonly<Record<Exclude<TarType, '1'>, FileKind>> = {
  '0': 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const NS = 1_000_000_000n;

/** A file as its header in the layer tar tells it; its content lies in `diff`. */
class HeaderNode implements FileNode {
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: bigint;
  readonly major: number;
  readonly minor: number;
  readonly target: ByteString;
  readonly inode: string;
  readonly path: ByteString;
  readonly #xattrs: ReadonlyMap<string, Buffer>;

  constructor(entry: TarEntry, path: ByteString, inode: string) {
    this.kind = kinds[entry.type as Exclude<TarType, '1'>];
    // Docker up to 23 has the kind of the file in there too.
    this.mode = entry.mode & 0o7777;
    this.uid = entry.uid;
    this.gid = entry.gid;
    this.size = entry.size;
    this.mtime = BigInt(Math.trunc(entry.mtime)) * NS;
    this.major = entry.devmajor;
    this.minor = entry.devminor;
    this.target = entry.type === '2' ? entry.linkname : '';
    this.inode = inode;
    this.path = path;
    this.#xattrs = entry.xattrs;
  }
  get atime(): bigint {
    return this.mtime;
  }
  xattrs(): ReadonlyMap<string, Buffer> {
    return this.#xattrs;
  }
}

const impliedDir: TarEntry = {
  name: '',
  type: '5',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkname: '',
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: noXattrs,
};

const whiteout: TarEntry = { ...impliedDir, type: '3', mode: 0 };

/** A layer as its tar headers tell it: for a data-root that cannot hold owners, devices and overlay's marks. */
export class TarSplitLayer implements LayerFiles {
  readonly #nodes = new Map<ByteString, FileNode>();
  readonly #names = new Map<ByteString, Set<ByteString>>();
  readonly #opaque = new Set<ByteString>();
  readonly #diff: ByteString;

  /** @param entries the headers of the layer's tar, in its order */
  constructor(diff: ByteString, entries: Iterable<TarEntry>) {
    this.#diff = diff;
    this.#nodes.set('', new HeaderNode(impliedDir, diff, ''));
    const linked = new Set<ByteString>();
    const all = [...entries];
    for (const entry of all) if (entry.type === '1') linked.add(clean(entry.linkname));
    for (const entry of all) this.#take(entry, linked);
  }

  get(path: ByteString): FileNode | undefined {
    return this.#nodes.get(path);
  }

  names(path: ByteString): readonly LayerName[] {
    return [...(this.#names.get(path) ?? [])].map((name) => {
      const node = this.#nodes.get(path === '' ? name : `${path}/${name}`);
      return { name, kind: node?.kind, whiteout: node?.kind === 'char' && node.major === 0 && node.minor === 0 };
    });
  }

  isOpaque(path: ByteString): boolean {
    return this.#opaque.has(path);
  }

  #take(entry: TarEntry, linked: ReadonlySet<ByteString>): void {
    const path = clean(entry.name);
    // dockerd makes no layer of such a tar: somebody wrote it into the data-root.
    if (path === '' || path.split('/').includes('..')) return;
    const slash = path.lastIndexOf('/');
    const dir = slash < 0 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name === OPAQUE) {
      this.#opaque.add(dir);
      return;
    }
    if (name.startsWith(WHITEOUT)) {
      this.#set(dir, name.slice(WHITEOUT.length), whiteout, '');
      return;
    }
    if (entry.type !== '1') {
      this.#set(dir, name, entry, linked.has(path) ? `${this.#diff}:${path}` : '');
      return;
    }
    const target = this.#nodes.get(clean(entry.linkname));
    if (target !== undefined) this.#put(dir, name, target);
  }

  #set(dir: ByteString, name: ByteString, entry: TarEntry, inode: string): void {
    const path = dir === '' ? name : `${dir}/${name}`;
    this.#put(dir, name, new HeaderNode(entry, `${this.#diff}/${path}`, inode));
  }

  #put(dir: ByteString, name: ByteString, node: FileNode): void {
    this.#ensureDir(dir);
    const names = this.#names.get(dir) ?? new Set<ByteString>();
    this.#names.set(dir, names.add(name));
    this.#nodes.set(dir === '' ? name : `${dir}/${name}`, node);
  }

  #ensureDir(path: ByteString): void {
    if (path === '' || this.#nodes.has(path)) return;
    const slash = path.lastIndexOf('/');
    this.#set(slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1), impliedDir, '');
  }
}

const UNCLEAN = /(?:^|\/)\.?(?:\/|$)/;

function clean(name: ByteString): ByteString {
  const bare = name.endsWith('/') ? name.slice(0, -1) : name;
  // Nearly every name is clean but for the slash of a folder.
  if (!UNCLEAN.test(bare)) return bare;
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
