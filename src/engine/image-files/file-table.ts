import type { ByteString } from '../../formats/bytestring.ts';
import type { LayerEntry } from './layer-entries.ts';

/** The bytes of a file, however many names it has. */
export interface FileContent {
  readonly size: number;
  /** CRC-64, hexadecimal; empty for an empty file. */
  readonly crc: string;
  /** Which layer wrote it, 0 is the lowest. */
  readonly layer: number;
  /** Its first name. */
  readonly path: ByteString;
}

/** A file of the merged view. */
export interface TableFile {
  readonly path: ByteString;
  /** Its attributes; a further name of a file has those of the file. */
  readonly entry: LayerEntry;
  /** The layer that wrote this name. */
  readonly layer: number;
  /** Undefined for what is no regular file. */
  readonly content: FileContent | undefined;
}

/** Content that no name leads to any more. */
export interface HiddenContent {
  readonly content: FileContent;
  /** The name that was the last to go. */
  readonly path: ByteString;
  /** The layer that hid it. */
  readonly by: number;
}

/** A content that knows how many names lead to it: a map of them would cost more than the rest of the table. */
interface CountedContent extends FileContent {
  names: number;
}

interface Node {
  file: TableFile | undefined;
  readonly children: Map<ByteString, Node>;
}

/**
 * The merged view of layers, put on one after the other, that remembers which content each of them hides. By paths as they
 * stand: as overlayfs, it never follows a link.
 */
export class FileTable {
  readonly #root: Node = { file: undefined, children: new Map() };
  readonly #hidden: HiddenContent[] = [];
  /** Where the name before was put: the next one mostly goes there too. */
  #lastFolder: { readonly path: ByteString; readonly node: Node } | undefined;
  /** The same for looking; a look makes no folder of what is none. */
  #lastLook: { readonly path: ByteString; readonly node: Node } | undefined;
  #layers = 0;

  /** Puts a layer on top; gives the content that it hides. */
  add(entries: Iterable<LayerEntry>): readonly HiddenContent[] {
    const layer = this.#layers++;
    const from = this.#hidden.length;
    const all = Array.isArray(entries) ? entries : [...entries];
    // Marks speak of the layers below only, wherever they stand among the layer's own files.
    for (const entry of all) {
      if (entry.kind === 'opaque') this.#empty(entry.path, layer);
      if (entry.kind === 'whiteout') this.#remove(entry.path, layer);
    }
    for (const entry of all) if (entry.kind !== 'opaque' && entry.kind !== 'whiteout') this.#put(entry, layer);
    return this.#hidden.slice(from);
  }

  get(path: ByteString): TableFile | undefined {
    if (path === '') return this.#root.file;
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    if (this.#lastLook?.path !== folder) {
      const node = this.#find(folder);
      if (node === undefined) return undefined;
      this.#lastLook = { path: folder, node };
    }
    return this.#lastLook.node.children.get(path.slice(slash + 1))?.file;
  }

  /** All files of the view but the root, parents before children, names of a folder in the order of their bytes. */
  *files(): Generator<TableFile> {
    yield* walk(this.#root);
  }

  #put(entry: LayerEntry, layer: number): void {
    if (entry.path === '') return;
    const other = entry.kind === 'link' ? this.get(entry.target) : undefined;
    if (entry.kind === 'link' && other === undefined) return;
    const content: CountedContent | undefined =
      other === undefined
        ? entry.kind === 'file'
          ? { size: entry.size, crc: entry.crc, layer, path: entry.path, names: 0 }
          : undefined
        : countOf(other);
    const file: TableFile = {
      path: entry.path,
      entry: other === undefined ? entry : { ...other.entry, path: entry.path },
      layer,
      content,
    };
    // Counted first: a name that is written over itself must not lose its content on the way.
    if (content !== undefined) content.names += 1;
    const node = this.#make(entry.path, layer);
    if (node.file !== undefined) this.#forget(node.file, layer);
    if (entry.kind !== 'dir') this.#clear(node, layer);
    node.file = file;
  }

  #make(path: ByteString, layer: number): Node {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (this.#lastFolder?.path !== folder) this.#lastFolder = { path: folder, node: this.#makeFolder(folder, layer) };
    const { children } = this.#lastFolder.node;
    const found = children.get(name);
    if (found !== undefined) return found;
    const made = { file: undefined, children: new Map() };
    children.set(name, made);
    return made;
  }

  #makeFolder(path: ByteString, layer: number): Node {
    let node = this.#root;
    for (const name of path === '' ? [] : path.split('/')) {
      // What was no folder gives way to the folder that a name below it calls for.
      if (node.file !== undefined && node.file.entry.kind !== 'dir') {
        this.#forget(node.file, layer);
        node.file = undefined;
      }
      let child = node.children.get(name);
      if (child === undefined) {
        child = { file: undefined, children: new Map() };
        node.children.set(name, child);
      }
      node = child;
    }
    if (node.file !== undefined && node.file.entry.kind !== 'dir') {
      this.#forget(node.file, layer);
      node.file = undefined;
    }
    return node;
  }

  #remove(path: ByteString, layer: number): void {
    const slash = path.lastIndexOf('/');
    const parent = this.#find(slash < 0 ? '' : path.slice(0, slash));
    const name = path.slice(slash + 1);
    const node = parent?.children.get(name);
    if (parent === undefined || node === undefined) return;
    this.#lastFolder = undefined;
    this.#lastLook = undefined;
    parent.children.delete(name);
    if (node.file !== undefined) this.#forget(node.file, layer);
    this.#clear(node, layer);
  }

  #empty(path: ByteString, layer: number): void {
    const node = this.#find(path);
    if (node !== undefined) this.#clear(node, layer);
  }

  #clear(node: Node, layer: number): void {
    if (node.children.size === 0) return;
    this.#lastFolder = undefined;
    this.#lastLook = undefined;
    const waiting = [...node.children.values()].reverse();
    node.children.clear();
    // A list and no recursion: names as deep as an archive likes must not end in a full stack.
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.file !== undefined) this.#forget(next.file, layer);
      for (const child of [...next.children.values()].reverse()) waiting.push(child);
    }
  }

  #forget(file: TableFile, by: number): void {
    const content = countOf(file);
    if (content === undefined) return;
    content.names -= 1;
    if (content.names === 0) this.#hidden.push({ content, path: file.path, by });
  }

  #find(path: ByteString): Node | undefined {
    let node: Node | undefined = this.#root;
    if (path === '') return node;
    for (const name of path.split('/')) {
      node = node?.children.get(name);
      if (node === undefined) return undefined;
    }
    return node;
  }
}

/** All contents of a table were made by it. */
function countOf({ content }: TableFile): CountedContent | undefined {
  return content as CountedContent | undefined;
}

function* walk(root: Node): Generator<TableFile> {
  const waiting = lastFirst(root);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.file !== undefined) yield next.file;
    for (const child of lastFirst(next)) waiting.push(child);
  }
}

function lastFirst({ children }: Node): Node[] {
  return [...children].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, child]) => child);
}
