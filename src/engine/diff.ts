import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, compareBytes, fromByteString } from '../formats/bytestring.ts';
import { isWhiteout } from '../snapshot/disk-node.ts';
import type { FileNode } from '../snapshot/file-tree.ts';
import { MergedView } from '../snapshot/merged-view.ts';
import { findContainer } from './look/find-container.ts';
import { openLayers } from './look/open-layers.ts';
import { openForReading } from './open-for-reading.ts';

export interface DiffOptions {
  readonly dataRoot: string;
  readonly container: string;
}

/** One change of a container: added, changed or deleted. */
export interface FileChange {
  readonly kind: 'A' | 'C' | 'D';
  readonly path: string;
}

const SECOND = 1_000_000_000n;
const CAPABILITY = 'security.capability';

/**
 * What a container changed since it was made, as `docker diff` says it (moby go-archive changes.go), by path. What a bind mount or a
 * volume holds is no change. Throws LL_NOT_FOUND.
 */
export function diff(options: DiffOptions): FileChange[] {
  const store = openForReading(options.dataRoot);
  const found = findContainer(store, options.container);
  if (found === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such container: ${options.container}`);
  const [own, ...below] = openLayers(store, { kind: 'container', container: found.record });
  if (own === undefined) return [];
  const before = new MergedView(below.map(({ files }) => files));
  const changes: { readonly kind: FileChange['kind']; readonly path: ByteString }[] = [];
  const pending: { readonly path: ByteString; readonly old: FileNode | undefined }[] = [{ path: '', old: before.root }];
  const changedFolders = new Set<ByteString>();
  const add = (kind: FileChange['kind'], path: ByteString): void => {
    changes.push({ kind, path });
    // A folder in which something changed is changed, too.
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      changedFolders.add(path.slice(0, slash));
    }
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, old } = next;
    const names = new Set(own.files.names(path.slice(1)).map(({ name }) => name));
    // Behind an opaque folder, all that was there and is not again is gone.
    if (old?.kind === 'dir' && path !== '' && own.files.isOpaque(path.slice(1))) {
      for (const name of before.names(old)) if (!names.has(name)) add('D', `${path}/${name}`);
    }
    for (const name of names) {
      const below = `${path}/${name}`;
      const was = old?.kind === 'dir' ? before.child(old, name) : undefined;
      const is = own.files.get(below.slice(1));
      if (is === undefined) continue;
      if (isWhiteout(is)) {
        if (was !== undefined) add('D', below);
        continue;
      }
      if (was === undefined) add('A', below);
      else if (differs(was, is)) add('C', below);
      if (is.kind === 'dir') pending.push({ path: below, old: was });
    }
  }
  const known = new Set(changes.map(({ path }) => path));
  for (const path of changedFolders) if (!known.has(path)) changes.push({ kind: 'C', path });
  return changes
    .sort((a, b) => compareBytes(a.path, b.path))
    .map(({ kind, path }) => ({ kind, path: fromByteString(path) }));
}

/** As docker compares: a folder's time and size are no measure of a change. */
function differs(was: FileNode, is: FileNode): boolean {
  if (was.kind !== is.kind || was.mode !== is.mode || was.uid !== is.uid || was.gid !== is.gid) return true;
  if (was.major !== is.major || was.minor !== is.minor) return true;
  if (is.kind === 'dir') return false;
  if (is.kind === 'symlink' ? was.target.length !== is.target.length : was.size !== is.size) return true;
  return !sameTime(was.mtime, is.mtime) || capability(was) !== capability(is);
}

/** Layer tars keep whole seconds only. */
function sameTime(a: bigint, b: bigint): boolean {
  return a === b || (a / SECOND === b / SECOND && (a % SECOND === 0n || b % SECOND === 0n));
}

function capability(node: FileNode): string {
  return node.xattrs().get(CAPABILITY)?.toString('hex') ?? '';
}
