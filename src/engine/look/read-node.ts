import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { readRootFile } from '../../host/read-root-file.ts';
import type { FileNode } from '../../snapshot/file-tree.ts';
import { folderInDiff } from '../../store/folder-in-diff.ts';
import type { Store } from '../../store/store.ts';

const CHUNK = 1 << 20;
const IN_DIFF = /^([0-9a-z]+(?:-init)?\/diff)\/(.+)$/s;

/**
 * The content of a file of a layer, in pieces; a piece is valid until the next is asked for. The way to it is walked inside of the
 * layer's `diff`, whatever links stand there. Throws LL_CORRUPT where the disk does not have what the layer's records say.
 */
export function* readNode(store: Store, node: FileNode): Generator<Buffer> {
  const { overlay } = store.paths;
  const [, diff, name = ''] = IN_DIFF.exec(node.path.slice(overlay.length + 1)) ?? [];
  if (!node.path.startsWith(`${overlay}/`) || diff === undefined) throw lost(node);
  const slash = name.lastIndexOf('/');
  const folder = folderInDiff(store.files, `${overlay}/${diff}`, slash < 0 ? '' : name.slice(0, slash));
  const file = store.files.open(`${folder}/${name.slice(slash + 1)}`);
  if (file === undefined) throw lost(node);
  yield* readRootFile(file, Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, file.size))));
}

function lost(node: FileNode): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `the file ${JSON.stringify(fromByteString(node.path))} of a layer is missing`);
}
