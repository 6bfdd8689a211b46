import { readdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { isQuicklyAbsent } from '../host/quick-calls.ts';
import { isWhiteout, lstatNode } from './disk-node.ts';
import type { FileNode } from './file-tree.ts';
import type { LayerFiles, LayerName } from './layer-files.ts';
import { isOpaqueDir } from './read-xattrs.ts';

/** A layer as its `diff` folder holds it, where the host can hold all of it. */
export class DiskLayer implements LayerFiles {
  readonly #diff: ByteString;

  constructor(diff: ByteString) {
    this.#diff = diff;
  }

  get(path: ByteString): FileNode | undefined {
    const place = path === '' ? this.#diff : `${this.#diff}/${path}`;
    // Of many layers most have not what is looked for.
    return isQuicklyAbsent(place) ? undefined : lstatNode(place);
  }

  names(path: ByteString): readonly LayerName[] {
    const dir = path === '' ? this.#diff : `${this.#diff}/${path}`;
    return readdirSync(fsPath(dir), { encoding: 'latin1', withFileTypes: true }).map((entry) => ({
      name: entry.name,
      whiteout: entry.isCharacterDevice() && isWhiteout(lstatNode(`${dir}/${entry.name}`) as FileNode),
    }));
  }

  isOpaque(path: ByteString): boolean {
    return isOpaqueDir(`${this.#diff}/${path}`);
  }
}
