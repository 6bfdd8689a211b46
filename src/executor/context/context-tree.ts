import { type Dirent, readdirSync } from 'node:fs';
import { type ByteString, compareBytes, fsPath } from '../../formats/bytestring.ts';
import { FACT_WORDS, type FileFacts } from '../../host/file-facts.ts';
import { statFolder, TYPE_DIR, TYPE_SOCKET } from '../../host/stat-folder.ts';
import type { FileKind, FileNode, FileTree, FolderListing } from '../../snapshot/file-tree.ts';
import { ListedNode, lookAtNode } from '../../snapshot/listed-node.ts';
import type { SentFile } from './sent-file.ts';

/** Says what of a context is left out (see parser/dockerignore). */
export interface ContextFilter {
  ignores(path: ByteString, isDir: boolean): boolean;
  /** Whether a folder that is left out may hold something that is not. */
  mayContainIncluded(path: ByteString): boolean;
  /** Whether a folder that is left out is there all the same, though nothing may be in it. */
  showsFolder?(path: ByteString): boolean;
}

/** A file of the context: as it lies on the disk, but owned by root, as both builders receive it. */
class ContextNode implements FileNode, SentFile {
  readonly uid = 0;
  readonly gid = 0;
  readonly sharesXattrs = true;
  readonly #disk: ListedNode;
  readonly relative: ByteString;
  readonly mtime: bigint;
  readonly implied: boolean;

  /**
   * @param madeAt nanoseconds: set where the folder has not the time it was sent with
   * @param implied set where the folder is not sent but made anew
   */
  constructor(disk: ListedNode, relative: ByteString, madeAt?: bigint, implied = false) {
    this.#disk = disk;
    this.relative = relative;
    this.mtime = madeAt ?? disk.mtime;
    this.implied = implied;
  }
  get kind(): FileKind {
    return this.#disk.kind;
  }
  get mode(): number {
    return this.implied ? 0o755 : this.#disk.mode;
  }
  get size(): number {
    return this.#disk.size;
  }
  get atime(): bigint {
    return this.#disk.atime;
  }
  get major(): number {
    return this.#disk.major;
  }
  get minor(): number {
    return this.#disk.minor;
  }
  get target(): ByteString {
    return this.#disk.target;
  }
  get inode(): string {
    return this.#disk.inode;
  }
  get signature(): string {
    return this.#disk.signature;
  }
  get path(): ByteString {
    return this.#disk.path;
  }
  facts(): FileFacts {
    return this.#disk.facts();
  }
  /** Neither builder's way of sending a context keeps file capabilities: the change of owner that follows drops them. */
  xattrs(): ReadonlyMap<string, Buffer> {
    const xattrs = this.sentXattrs();
    if (!xattrs.has('security.capability')) return xattrs;
    return new Map([...xattrs].filter(([name]) => name !== 'security.capability'));
  }

  sentXattrs(): ReadonlyMap<string, Buffer> {
    return this.#disk.xattrs();
  }
}

/** The build context as the instructions see it: a folder of this host, less what .dockerignore leaves out. */
export class ContextTree implements FileTree {
  readonly root: FileNode;
  readonly #filter: ContextFilter | undefined;
  readonly #openedAt: bigint;
  readonly #impliesFolders: boolean;
  readonly #keepsFolderTimes: boolean;
  #firstNames: Map<string, ByteString> | undefined;

  /**
   * @param openedAt nanoseconds: the time of the root folder, which is not sent but made anew
   * @param builder classic sends no entry for an ignored folder that something below is sent of
   * @param keepsFolderTimes whether a folder has the time it was sent with though something came into it
   */
  constructor(
    folder: ByteString,
    filter: ContextFilter | undefined,
    openedAt: bigint,
    builder: 'buildkit' | 'classic',
    keepsFolderTimes = true,
  ) {
    this.#openedAt = openedAt;
    this.#impliesFolders = builder === 'classic';
    this.#keepsFolderTimes = keepsFolderTimes || this.#impliesFolders;
    const disk = lookAtNode(`${folder}/.`);
    if (disk === undefined) throw new Error(`no such folder: ${folder}`);
    this.root = new ContextNode(disk, '', openedAt);
    this.#filter = filter;
  }

  /** Whether everything in a folder of it is as it lies on the disk, and all of it is there. */
  get isWhole(): boolean {
    return this.#filter === undefined && this.#keepsFolderTimes && !this.#impliesFolders;
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    if (!(dir instanceof ContextNode)) return undefined;
    const relative = dir.relative === '' ? name : `${dir.relative}/${name}`;
    const disk = lookAtNode(`${dir.path}/${name}`);
    if (disk === undefined || (disk.kind === 'socket' && this.#impliesFolders)) return undefined;
    return this.#isHidden(relative, disk.kind === 'dir') ? undefined : this.#nodeOf(disk, relative);
  }

  list(dir: FileNode): FolderListing | undefined {
    if (!(dir instanceof ContextNode)) return undefined;
    const prefix = dir.relative === '' ? '' : `${dir.relative}/`;
    const found = statFolder(
      dir.path,
      (name, type) =>
        !(type === TYPE_SOCKET && this.#impliesFolders) && !this.#isHidden(prefix + name, type === TYPE_DIR),
    );
    if (found === undefined) return undefined;
    const { names, words } = found;
    const factsAt = (index: number): FileFacts => ({ words, at: index * FACT_WORDS });
    const folder = `${dir.path}/`;
    return {
      names,
      facts: factsAt,
      node: (index) => {
        const name = names[index] as ByteString;
        return this.#nodeOf(new ListedNode(folder + name, factsAt(index)), prefix + name);
      },
    };
  }

  #nodeOf(disk: ListedNode, relative: ByteString): FileNode {
    const isImplied = this.#impliesFolders && this.#filter?.ignores(relative, disk.kind === 'dir') === true;
    if (isImplied) return new ContextNode(disk, relative, this.#openedAt, true);
    const node = new ContextNode(disk, relative);
    const isMoved = !this.#keepsFolderTimes && disk.kind === 'dir' && this.names(node).length > 0;
    return isMoved ? new ContextNode(disk, relative, this.#openedAt) : node;
  }

  /** Whether .dockerignore leaves a path out, be it there (any more) or not. */
  hides(path: ByteString): boolean {
    return this.#isHidden(path, lookAtNode(`${this.root.path}/${path}`)?.kind === 'dir');
  }

  /** The name under which a hard-linked file was sent; its other names were sent as links to it. */
  firstName(node: FileNode): ByteString | undefined {
    if (node.inode === '') return undefined;
    this.#firstNames ??= this.#findFirstNames();
    return this.#firstNames.get(node.inode);
  }

  #findFirstNames(): Map<string, ByteString> {
    const found = new Map<string, ByteString>();
    const walk = (dir: FileNode): void => {
      for (const name of this.names(dir)) {
        const node = this.child(dir, name) as ContextNode | undefined;
        if (node?.kind === 'dir') walk(node);
        else if (node !== undefined && node.inode !== '' && !found.has(node.inode))
          found.set(node.inode, node.relative);
      }
    };
    walk(this.root);
    return found;
  }

  names(dir: FileNode): readonly ByteString[] {
    return this.#shown(dir)
      .map((entry) => entry.name)
      .sort(compareBytes);
  }

  /** The names in a folder in no order, and which of them are folders: no file is looked at. */
  listing(dir: FileNode): readonly { readonly name: ByteString; readonly isFolder: boolean }[] {
    return this.#shown(dir).map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  }

  #shown(dir: FileNode): readonly Dirent[] {
    if (!(dir instanceof ContextNode)) return [];
    const prefix = dir.relative === '' ? '' : `${dir.relative}/`;
    return readdirSync(fsPath(dir.path), { encoding: 'latin1', withFileTypes: true }).filter(
      (entry) => !this.#isLeftOut(entry) && !this.#isHidden(prefix + entry.name, entry.isDirectory()),
    );
  }

  /** The classic client's tar has no sockets; BuildKit's sends them. */
  #isLeftOut(entry: Dirent): boolean {
    return this.#impliesFolders && entry.isSocket();
  }

  /** An ignored folder shows where something below it is not ignored, or the filter says so. */
  #isHidden(relative: ByteString, isDir: boolean): boolean {
    if (this.#filter === undefined || !this.#filter.ignores(relative, isDir)) return false;
    if (isDir && this.#filter.showsFolder?.(relative) === true) return false;
    return !(isDir && this.#filter.mayContainIncluded(relative) && this.#hasVisible(relative));
  }

  #hasVisible(relative: ByteString): boolean {
    const entries = readdirSync(fsPath(`${this.root.path}/${relative}`), { encoding: 'latin1', withFileTypes: true });
    return entries.some(
      (entry) => !this.#isLeftOut(entry) && !this.#isHidden(`${relative}/${entry.name}`, entry.isDirectory()),
    );
  }
}
