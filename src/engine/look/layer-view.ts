import { type ByteString, compareBytes } from '../../formats/bytestring.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import type { LayerFiles, LayerName } from '../../snapshot/layer-files.ts';
import { MergedView } from '../../snapshot/merged-view.ts';
import type { Store } from '../../store/store.ts';
import type { Subject } from './find-subject.ts';
import { openLayers } from './open-layers.ts';

/** A tree that knows kinds from the folders themselves. */
export interface KindTree extends FileTree {
  /** The names in a folder, bytewise sorted. */
  kinds(dir: FileNode): readonly LayerName[];
}

/** The files of an image or container as overlayfs shows them; of one layer as its tar has them, deletions included. */
export function viewOf(store: Store, subject: Subject): KindTree {
  const layers = openLayers(store, subject).map(({ files }) => files);
  const [only] = layers;
  return subject.kind === 'layer' && only !== undefined ? new LayerView(only) : new MergedView(layers);
}

/** One layer by itself. A deleted name shows as what overlayfs has for it, a character device 0:0. */
class LayerView implements KindTree {
  readonly root: FileNode;
  readonly #layer: LayerFiles;
  readonly #paths = new WeakMap<FileNode, ByteString>();

  constructor(layer: LayerFiles) {
    this.#layer = layer;
    const root = layer.get('');
    if (root === undefined) throw new RangeError('a layer has a root');
    this.root = root;
    this.#paths.set(root, '');
  }

  child(dir: FileNode, name: ByteString): FileNode | undefined {
    const path = this.#pathOf(dir, name);
    const node = this.#layer.get(path);
    if (node !== undefined) this.#paths.set(node, path);
    return node;
  }

  names(dir: FileNode): readonly ByteString[] {
    return this.kinds(dir).map(({ name }) => name);
  }

  kinds(dir: FileNode): readonly LayerName[] {
    const path = this.#paths.get(dir) ?? '';
    return this.#layer.names(path).toSorted((a, b) => compareBytes(a.name, b.name));
  }

  #pathOf(dir: FileNode, name: ByteString): ByteString {
    const path = this.#paths.get(dir) ?? '';
    return path === '' ? name : `${path}/${name}`;
  }
}
