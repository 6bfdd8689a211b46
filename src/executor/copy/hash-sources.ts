import { readBytes } from '../../committer/copy-bytes.ts';
import type { TarDialect } from '../../committer/tar-dialect.ts';
import { portableCapability, tarEntryOf } from '../../committer/tar-entry-of.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { beginTarsum, directorySourceName, fileSourceName, sourceName } from '../../formats/tarsum.ts';
import { entriesOf, type FileNode, type FileTree } from '../../snapshot/file-tree.ts';
import { MergedView } from '../../snapshot/merged-view.ts';
import { type ResolvedPath, resolvePath } from '../../snapshot/resolve-path.ts';
import type { StatCache } from '../cache/stat-cache.ts';
import { ContextTree } from '../context/context-tree.ts';
import { sentFile } from '../context/sent-file.ts';
import type { FoundSource } from './find-sources.ts';

/**
 * The name by which the classic builder knows the sources of a COPY or ADD, and shows them in the history: `file:`, `dir:`
 * or `multi:` and a hash of contents, names, modes and owners, times left out (moby builder/dockerfile/copy.go).
 */
export function hashSources(
  tree: FileTree,
  sources: readonly FoundSource[],
  dialect: TarDialect,
  stats?: StatCache,
): string {
  const known: Known = { dialect, stats: tree instanceof ContextTree ? stats : undefined };
  return sourceName(
    sources.map(({ node, realPath, downloaded }) => {
      if (downloaded !== undefined) return downloaded;
      if (node.kind !== 'dir') return fileSourceName(hashOne(tree, node, realPath, known));
      const hashes = realPath === '' ? [] : [hashOne(tree, node, `${realPath}/`, known)];
      hashBelow(tree, node, realPath === '' ? '' : `${realPath}/`, hashes, known);
      return directorySourceName(hashes);
    }),
  );
}

function hashBelow(tree: FileTree, dir: FileNode, prefix: ByteString, hashes: string[], known: Known): void {
  for (const [name, node] of entriesOf(tree, dir)) {
    if (node.kind === 'socket') continue;
    const path = `${prefix}${name}`;
    if (node.kind === 'symlink') hashLink(tree, path, hashes, known);
    else if (node.kind !== 'dir') hashes.push(hashOne(tree, node, path, known));
    else {
      hashes.push(hashOne(tree, node, `${path}/`, known));
      hashBelow(tree, node, `${path}/`, hashes, known);
    }
  }
}

/**
 * A link counts as what it leads to, under that one's own name. One that leads nowhere counts in the context as its own path
 * (and so does one to its root or to a folder that was not sent itself), in a stage or image as the path that it leads to; one that runs in
 * a circle not at all (moby builder/remotecontext: tarsum.go, lazycontext.go).
 */
function hashLink(tree: FileTree, path: ByteString, hashes: string[], known: Known): void {
  const found = followed(tree, path);
  if (found === undefined) return;
  const { components, node } = found;
  const target = components.join('/');
  const unsent = tree instanceof ContextTree && target === '';
  if (unsent || (node !== undefined && sentFile(node)?.implied)) {
    hashes.push(path);
    return;
  }
  if (node === undefined) {
    hashes.push(tree instanceof MergedView && target !== '' ? target : path);
    return;
  }
  hashes.push(hashOne(tree, node, node.kind === 'dir' ? `${target === '' ? '.' : target}/` : target, known));
}

function followed(tree: FileTree, path: ByteString): ResolvedPath | undefined {
  try {
    return resolvePath(tree, path, true);
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_BREAKOUT') return undefined;
    throw error;
  }
}

/** How headers are written, and hashes of files of the context from earlier builds. */
interface Known {
  readonly dialect: TarDialect;
  readonly stats: StatCache | undefined;
}

function hashOne(tree: FileTree, node: FileNode, name: ByteString, { dialect, stats }: Known): string {
  const kept = stats?.find(name, node);
  if (kept !== undefined) return kept;
  const hash = hashRead(tree, node, name, dialect);
  stats?.keep(name, node, hash);
  return hash;
}

/** Files of the context count as they were sent: hard links as links, and with file capabilities. */
function hashRead(tree: FileTree, node: FileNode, name: ByteString, dialect: TarDialect): string {
  const sent = sentFile(node);
  if (sent?.implied) return name.replace(/\/$/, '');
  if (sent?.header !== undefined) return hashSent(sent.header, node);
  const first = tree instanceof ContextTree ? tree.firstName(node) : undefined;
  const capability = node.kind === 'file' ? sent?.sentXattrs().get('security.capability') : undefined;
  const entry = {
    ...tarEntryOf(node, name, first === undefined || first === name ? undefined : first, dialect),
    // The client sends no names.
    ...(sent === undefined ? {} : { uname: '', gname: '' }),
    ...(capability === undefined ? {} : { xattrs: new Map([['security.capability', portableCapability(capability)]]) }),
  };
  const hash = beginTarsum(entry);
  if (entry.type === '0') readBytes(node.path, node.size, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

/** A file of a tar that someone else made counts with the header that it had there, less the names of its owners. */
function hashSent(header: TarEntry, node: FileNode): string {
  const hash = beginTarsum({ ...header, uname: '', gname: '' });
  if (header.type === '0') readBytes(node.path, node.size, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}
