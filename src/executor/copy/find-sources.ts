import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../../formats/bytestring.ts';
import { goQuote } from '../../formats/go-quote.ts';
import { copies28 } from '../../profiles/copy-format.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath, splitPath } from '../../snapshot/resolve-path.ts';
import { isPattern, matchName } from './match-name.ts';

/** One source of COPY or ADD, found. */
export interface FoundSource {
  /** Its name as asked for: what it is called inside a destination folder. Empty for the root. */
  readonly name: ByteString;
  /** What is copied: a link at the top is followed. */
  readonly node: FileNode;
  /** Clean path of what was asked for, relative to the root, links of the folders above resolved. */
  readonly path: ByteString;
  /** The same with a link at the end followed: the path of `node` itself. */
  readonly realPath: ByteString;
  /** Classic: set for a file that was downloaded, which is known by this hash and never unpacked. */
  readonly downloaded?: string;
}

const HINT = 'Is the path relative to the build context, and not left out by .dockerignore?';

/**
 * Finds what a source word names in a tree: a path whose links are followed inside the tree, or with `*`, `?` or `[` all
 * names that match, in bytewise order; a folder that matches is taken whole and not searched. BuildKit lets a pattern
 * match nothing, but the folders in front of it have to be there.
 *
 * A backslash escapes in a pattern alone; in a plain path it is a part of the name. Classic (moby
 * builder/dockerfile/copy.go) looks for a pattern in real folders alone, and takes a malformed one for one that matches nothing.
 *
 * @param missing how to say that a path is not there; `{}` is the path in quotes
 * @throws LL_PARSE for a malformed pattern (BuildKit)
 * @throws LL_SOURCE_NOT_FOUND where a plain path is not there, or what stands in front of a pattern (BuildKit)
 */
export function findSources(
  tree: FileTree,
  source: string,
  builder: 'buildkit' | 'classic' = 'buildkit',
  missing = copies28.missingSource,
): FoundSource[] {
  const classic = builder === 'classic';
  const components = splitPath(toByteString(source));
  const wild = components.findIndex((name) => /[*?[]/.test(name.replace(/\\./g, '')));
  if (wild < 0) {
    const plain = components.join('/');
    const found = resolvePath(tree, plain, true);
    if (found.node === undefined) throw notFound(source, missing);
    const names = resolvePath(tree, plain, false).components;
    const [path, realPath] = [names.join('/'), found.components.join('/')];
    return [{ name: names[names.length - 1] ?? '', node: found.node, path, realPath }];
  }
  const patterns = components.slice(wild);
  if (classic && !patterns.every(isPattern)) return [];
  const prefix = components.slice(0, wild).join('/');
  const base = resolvePath(tree, prefix, true);
  if (classic && (base.node === undefined || base.components.join('/') !== prefix)) return [];
  if (base.node === undefined) throw noFolder(tree, base.components);
  const found: FoundSource[] = [];
  collect(tree, base.node, patterns, base.components.join('/'), found, missing);
  return found;
}

function collect(
  tree: FileTree,
  dir: FileNode,
  patterns: readonly ByteString[],
  prefix: ByteString,
  found: FoundSource[],
  missing: string,
): void {
  if (dir.kind !== 'dir') return;
  const [pattern, ...rest] = patterns;
  for (const name of tree.names(dir)) {
    if (!matchName(pattern as ByteString, name)) continue;
    const node = tree.child(dir, name);
    if (node === undefined) continue;
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (rest.length > 0) {
      collect(tree, node, rest, path, found, missing);
      continue;
    }
    const followed = resolvePath(tree, path, true);
    if (followed.node === undefined) throw notFound(fromByteString(path), missing);
    found.push({ name, node: followed.node, path, realPath: followed.components.join('/') });
  }
}

/** In front of a pattern: in the words of the system call that BuildKit makes. */
function noFolder(tree: FileTree, components: readonly ByteString[]): LayerlabError {
  let node: FileNode | undefined = tree.root;
  let depth = 0;
  while (node?.kind === 'dir') {
    node = tree.child(node, components[depth] as ByteString);
    depth += 1;
  }
  const [path, why] =
    node === undefined
      ? [components, 'no such file or directory']
      : [components.slice(0, depth + 1), 'not a directory'];
  return new LayerlabError('LL_SOURCE_NOT_FOUND', `lstat /${fromByteString(path.join('/'))}: ${why}`, { hint: HINT });
}

/** What plain path is not there; `missing` as for {@link findSources}. */
export function notFound(source: string, missing = copies28.missingSource): LayerlabError {
  const path = goQuote(`/${splitPath(source).join('/')}`);
  return new LayerlabError(
    'LL_SOURCE_NOT_FOUND',
    missing.replace('{}', () => path),
    { hint: HINT },
  );
}
