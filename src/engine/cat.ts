import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from '../formats/bytestring.ts';
import { resolvePath } from '../snapshot/resolve-path.ts';
import { findSubject } from './look/find-subject.ts';
import { viewOf } from './look/layer-view.ts';
import { readNode } from './look/read-node.ts';
import { splitPlace } from './look/split-place.ts';
import { noSuchFile } from './ls.ts';
import { openForReading } from './open-for-reading.ts';

export interface CatOptions {
  readonly dataRoot: string;
  /** An image, container or layer with `:/path` behind it. */
  readonly name: string;
  /** The path, where the name has none. */
  readonly path?: string;
}

/**
 * The content of a file of an image, container or layer, in pieces; a piece is valid until the next is asked for. Links are followed
 * inside of it. Throws LL_NOT_FOUND; LL_USAGE for what has no content; LL_CORRUPT while it is read.
 */
export function cat(options: CatOptions): Iterable<Buffer> {
  const store = openForReading(options.dataRoot);
  const { subject, path } = splitPlace(options.name, options.path);
  const { node } = resolvePath(viewOf(store, findSubject(store, subject)), toByteString(path), true);
  if (node === undefined) throw noSuchFile(subject, path);
  if (node.kind !== 'file') throw new LayerlabError('LL_USAGE', `${path} is no regular file but a ${node.kind}`);
  return readNode(store, node);
}
