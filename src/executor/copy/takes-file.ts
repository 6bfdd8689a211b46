import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, toByteString } from '../../formats/bytestring.ts';
import { splitPath } from '../../snapshot/resolve-path.ts';
import type { ContextTree } from '../context/context-tree.ts';
import { findSources } from './find-sources.ts';
import { matchName } from './match-name.ts';

/**
 * Whether a source word of COPY or ADD takes a path of the context: the path itself, something in it, or a folder it
 * lies in. The path need not be there (any more): then the word's own text decides. What .dockerignore leaves out is never
 * taken.
 *
 * @param path relative to the context's root, clean
 */
export function takesFile(tree: ContextTree, source: string, path: ByteString): boolean {
  if (tree.hides(path)) return false;
  if (matchesText(source, path)) return true;
  try {
    return findSources(tree, source).some((found) => touches(found.path, path) || touches(found.realPath, path));
  } catch (error) {
    // A source that is not there is the build's business: this only asks what a change of a file means.
    if (error instanceof LayerlabError && error.code === 'LL_SOURCE_NOT_FOUND') return false;
    throw error;
  }
}

function touches(taken: ByteString, path: ByteString): boolean {
  return taken === '' || taken === path || path.startsWith(`${taken}/`) || taken.startsWith(`${path}/`);
}

/** Name by name, as far as both go: one of them lies in the other, or they are the same. */
function matchesText(source: string, path: ByteString): boolean {
  const patterns: ByteString[] = [];
  for (const name of splitPath(toByteString(source))) {
    if (name === '..') patterns.pop();
    else patterns.push(name);
  }
  const names = splitPath(path);
  return patterns.slice(0, names.length).every((pattern, at) => matchName(pattern, names[at] as ByteString));
}
