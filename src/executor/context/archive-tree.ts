import type { ByteString } from '../../formats/bytestring.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import type { FileKind, FileNode, FileTree } from '../../snapshot/file-tree.ts';
import type { SentFile } from './sent-file.ts';

/** A file of a tar that is the context, as the classic builder receives it: owned by root. */
class ArchiveNode implements FileNode, SentFile {
  readonly uid = 0;
  readonly gid = 0;
  readonly relative: ByteString;
  readonly header: TarEntry | undefined;
  readonly node: FileNode;

  constructor(node: FileNode, relative: ByteString, header: TarEntry | undefined) {
    this.node = node;
    this.relative = relative;
    this.header = header;
  }
  /** A folder that the tar does not name. */
  get implied(): boolean {
    return this.header === undefined && this.relative !== '';
  }
  get kind(): FileKind {
    return this.node.kind;
  }
  get mode(): number {
    return this.node.mode;
  }
  get size(): number {
    return this.node.size;
  }
  get mtime(): bigint {
    return this.node.mtime;
  }
  get atime(): bigint {
    return this.node.atime;
  }
  get major(): number {
    return this.node.major;
  }
  get minor(): number {
    return this.node.minor;
  }
  get target(): ByteString {
    return this.node.target;
  }
  get inode(): string {
    return this.node.inode;
  }
  get path(): ByteString {
    return this.node.path;
  }
  /** The change of owner that follows takes file capabilities away. */
  xattrs(): ReadonlyMap<string, Buffer> {
    return new Map([...this.node.xattrs()].filter(([name]) => name !== 'security.capability'));
  }
  sentXattrs(): ReadonlyMap<string, Buffer> {
    return this.node.xattrs();
  }
}

/** A context that was sent as a tar, as the classic builder sees it; `headers` by clean path. */
export class ArchiveTree implements FileTree {
  readonly root: FileNode;
  readonly #tree: FileTree;
  readonly #headers: ReadonlyMap<ByteString, TarEntry>;

  constructor(tree: FileTree, headers: ReadonlyMap<ByteString, TarEntry>) {
    this.#tree = tree;
    this.#headers = headers;
    this.root = new ArchiveNode(tree.root, '', undefined);
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    if (!(dir instanceof ArchiveNode)) return undefined;
    const node = this.#tree.child(dir.node, name);
    if (node === undefined) return undefined;
    const relative = dir.relative === '' ? name : `${dir.relative}/${name}`;
    return new ArchiveNode(node, relative, this.#headers.get(relative));
  }

  names(dir: FileNode): readonly ByteString[] {
    return dir instanceof ArchiveNode ? this.#tree.names(dir.node) : [];
  }
}
