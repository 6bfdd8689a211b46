import { type ByteString, compareBytes } from '../formats/bytestring.ts';
import { isWhiteout } from './disk-node.ts';
import { type FileNode, type FileTree, noXattrs } from './file-tree.ts';
import type { LayerFiles, LayerName } from './layer-files.ts';

interface Part {
  readonly layer: LayerFiles;
  readonly path: ByteString;
}

/** A folder of a merged view: the attributes of the nearest layer that has it, the names of all that do. */
class MergedDir implements FileNode {
  readonly kind = 'dir';
  readonly size = 0;
  readonly target = '';
  readonly inode = '';
  readonly major = 0;
  readonly minor = 0;
  readonly #top: FileNode;
  /** Nearest layer first. */
  readonly parts: readonly Part[];
  /** The folder in it that was asked for last: those that walk a path do it again and again, and each layer has to be asked. */
  lastFolder: { readonly name: ByteString; readonly node: MergedDir } | undefined;

  constructor(top: FileNode, parts: readonly Part[]) {
    this.#top = top;
    this.parts = parts;
  }
  get mode(): number {
    return this.#top.mode;
  }
  get uid(): number {
    return this.#top.uid;
  }
  get gid(): number {
    return this.#top.gid;
  }
  get mtime(): bigint {
    return this.#top.mtime;
  }
  get atime(): bigint {
    return this.#top.atime;
  }
  get path(): ByteString {
    return this.#top.path;
  }
  xattrs(): ReadonlyMap<string, Buffer> {
    return this.#top.xattrs();
  }
}

/** The root of an image without layers. */
const emptyRoot: FileNode = {
  kind: 'dir',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0n,
  atime: 0n,
  major: 0,
  minor: 0,
  target: '',
  inode: '',
  path: '',
  xattrs: () => noXattrs,
};

/**
 * What overlayfs would show of some layers, without a mount: the nearest layer that has a name decides; folders of several
 * layers merge until one is opaque or no folder; whiteouts hide what is below.
 */
export class MergedView implements FileTree {
  readonly root: FileNode;

  /** @param layers nearest first; none: an empty tree (FROM scratch) */
  constructor(layers: readonly LayerFiles[]) {
    const parts = layers.map((layer) => ({ layer, path: '' }));
    this.root = new MergedDir(layers[0]?.get('') ?? emptyRoot, parts);
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    if (dir instanceof MergedDir && dir.lastFolder?.name === name) return dir.lastFolder.node;
    const parts: Part[] = [];
    let top: FileNode | undefined;
    for (const { layer, path } of partsOf(dir)) {
      const childPath = path === '' ? name : `${path}/${name}`;
      const node = layer.get(childPath);
      if (node === undefined) continue;
      if (node.kind !== 'dir') {
        if (top === undefined && !isWhiteout(node)) return node;
        break;
      }
      top ??= node;
      parts.push({ layer, path: childPath });
      if (layer.isOpaque(childPath)) break;
    }
    if (top === undefined) return undefined;
    const node = new MergedDir(top, parts);
    if (dir instanceof MergedDir) dir.lastFolder = { name, node };
    return node;
  }

  names(dir: FileNode): readonly ByteString[] {
    return this.kinds(dir).map(({ name }) => name);
  }

  /** The names in a folder, bytewise sorted, each with its kind where that is known without looking at the file. */
  kinds(dir: FileNode): readonly LayerName[] {
    const shown = new Map<ByteString, LayerName>();
    for (const { layer, path } of partsOf(dir)) {
      for (const entry of layer.names(path)) if (!shown.has(entry.name)) shown.set(entry.name, entry);
    }
    const visible: LayerName[] = [];
    for (const entry of shown.values()) if (!entry.whiteout) visible.push(entry);
    return visible.sort((a, b) => compareBytes(a.name, b.name));
  }
}

function partsOf(dir: FileNode): readonly Part[] {
  return dir instanceof MergedDir ? dir.parts : [];
}
