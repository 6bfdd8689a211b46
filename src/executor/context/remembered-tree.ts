import type { ByteString } from '../../formats/bytestring.ts';
import type { FileNode, FileTree, FolderListing } from '../../snapshot/file-tree.ts';

interface Folder {
  names: readonly ByteString[] | undefined;
  /** Null: there is none. */
  listing: FolderListing | null | undefined;
  readonly children: Map<ByteString, FileNode | undefined>;
}

/** A tree that is looked at once: what it said the first time it says again. For two walks, one right behind the other. */
export class RememberedTree implements FileTree {
  readonly root: FileNode;
  readonly #tree: FileTree;
  /** By the folders' places on this host: a listing makes its nodes anew. */
  readonly #folders = new Map<ByteString, Folder>();

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.root = tree.root;
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    const { children } = this.#folder(dir);
    const known = children.get(name);
    if (known !== undefined || children.has(name)) return known;
    const found = this.#tree.child(dir, name);
    children.set(name, found);
    return found;
  }

  names(dir: FileNode): readonly ByteString[] {
    const folder = this.#folder(dir);
    folder.names ??= this.#tree.names(dir);
    return folder.names;
  }

  list(dir: FileNode): FolderListing | undefined {
    const folder = this.#folder(dir);
    if (folder.listing === undefined) folder.listing = this.#tree.list?.(dir) ?? null;
    return folder.listing ?? undefined;
  }

  #folder({ path }: FileNode): Folder {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = { names: undefined, listing: undefined, children: new Map() };
      this.#folders.set(path, folder);
    }
    return folder;
  }
}
