import { LayerlabError } from '../../errors/layerlab-error.ts';
import { toByteString } from '../../formats/bytestring.ts';
import type { SourcePlace } from '../../planner/copy-filter.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath, splitPath } from '../../snapshot/resolve-path.ts';
import { type FoundSource, findSources } from './find-sources.ts';

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
  return findSources(tree, root, 'buildkit', missing);
}

const HINT = 'Is the path relative to the build context, and not left out by .dockerignore?';

function isThere(tree: FileTree, path: string): boolean {
  return resolvePath(tree, toByteString(path.replace(/\\(.)/g, '$1')), false).node !== undefined;
}
