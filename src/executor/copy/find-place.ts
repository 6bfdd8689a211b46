import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString, toByteString } from '../../formats/bytestring.ts';
import type { CopyFilter, SourcePlace } from '../../planner/copy-filter.ts';
import { entriesOf, type FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath, splitPath } from '../../snapshot/resolve-path.ts';
import { type FoundSource, findSources, notFound } from './find-sources.ts';

/**
 * Finds what a source word means, the path that it requires included (COPY --parents).
 *
 * @param missing how a version says that a plain path is not there, see `findSources`
 * @throws LL_SOURCE_NOT_FOUND where a plain path is not there, in BuildKit's words: they differ for a filtered source
 */
export function findPlace(tree: FileTree, place: SourcePlace, missing?: string): FoundSource[] {
  const { root, required, filter } = place;
  if (required !== undefined && !isThere(tree, required)) {
    throw new LayerlabError('LL_SOURCE_NOT_FOUND', `"${required}": not found`, { hint: HINT });
  }
  if (filter === undefined || /[*?[]/.test(root)) return findSources(tree, root, 'buildkit', missing);
  if (!isThere(tree, root)) {
    const path = splitPath(root).join('/');
    throw new LayerlabError('LL_SOURCE_NOT_FOUND', `lstat /${path}: no such file or directory`, { hint: HINT });
  }
  const found = findSources(tree, root, 'buildkit', missing);
  if (place.followsLinks && found.some(({ realPath }) => realPath === '')) followLinks(tree, filter, missing);
  return found;
}

function followLinks(tree: FileTree, filter: CopyFilter, missing: string | undefined): void {
  for (const [name, node] of entriesOf(tree, tree.root)) {
    if (node.kind !== 'symlink' || !filter.takes(name, false)) continue;
    if (resolvePath(tree, name, true).node === undefined) throw notFound(fromByteString(name), missing);
  }
}

const HINT = 'Is the path relative to the build context, and not left out by .dockerignore?';

function isThere(tree: FileTree, path: string): boolean {
  return resolvePath(tree, toByteString(path.replace(/\\(.)/g, '$1')), false).node !== undefined;
}
