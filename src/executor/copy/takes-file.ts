import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, toByteString } from '../../formats/bytestring.ts';
import type { SourcePlace } from '../../planner/copy-filter.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath, splitPath } from '../../snapshot/resolve-path.ts';
import { findSources } from './find-sources.ts';
import { matchName } from './match-name.ts';

/** A build context; `hides`: whether .dockerignore leaves a path out, where one counts. */
export interface ChangedTree extends FileTree {
  hides?(path: ByteString): boolean;
}

/**
 * Whether a source of COPY or ADD takes a path of the context: the path itself, something in it, or a folder it
 * lies in. The path need not be there (any more): then the source's own text decides. What .dockerignore leaves out is never
 * taken.
 *
 * @param path relative to the context's root, clean
 */
export function takesFile(tree: ChangedTree, place: SourcePlace, path: ByteString): boolean {
  if (tree.hides?.(path)) return false;
  const isDir = resolvePath(tree, path, false).node?.kind === 'dir';
  if (matchesText(place, path, isDir)) return true;
  try {
    return findSources(tree, place.root).some(
      (found) => touches(place, found.path, path, isDir) || touches(place, found.realPath, path, isDir),
    );
  } catch (error) {
    // A source that is not there is the build's business: this only asks what a change of a file means.
    if (error instanceof LayerlabError && error.code === 'LL_SOURCE_NOT_FOUND') return false;
    throw error;
  }
}

function touches(place: SourcePlace, taken: ByteString, path: ByteString, isDir: boolean): boolean {
  if (taken === path || taken.startsWith(`${path}/`)) return true;
  if (taken === '') return passes(place, path, isDir);
  return path.startsWith(`${taken}/`) && passes(place, path.slice(taken.length + 1), isDir);
}

/** Whether something below a source is taken, or of a folder something in it. */
function passes({ filter }: SourcePlace, below: ByteString, isDir: boolean): boolean {
  return filter === undefined || filter.takes(below, isDir) || (isDir && filter.mayTakeBelow(below));
}

/** Name by name, as far as both go: one of them lies in the other, or they are the same. */
function matchesText(place: SourcePlace, path: ByteString, isDir: boolean): boolean {
  const patterns: ByteString[] = [];
  for (const name of splitPath(toByteString(place.root))) {
    if (name === '..') patterns.pop();
    else patterns.push(name);
  }
  const names = splitPath(path);
  if (!patterns.slice(0, names.length).every((pattern, at) => matchName(pattern, names[at] as ByteString)))
    return false;
  return names.length <= patterns.length || passes(place, names.slice(patterns.length).join('/'), isDir);
}
