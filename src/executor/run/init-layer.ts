import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { lsetxattr } from '../../host/xattrs.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { lstatOrUndefined } from './in-root.ts';

/** What a container needs to be there (moby daemon/initlayer/setup_unix.go); the value of a link is its target. */
const ENTRIES: readonly (readonly [path: string, kind: 'dir' | 'file' | { readonly link: string }])[] = [
  ['dev/pts', 'dir'],
  ['dev/shm', 'dir'],
  ['proc', 'dir'],
  ['sys', 'dir'],
  ['.dockerenv', 'file'],
  ['etc/resolv.conf', 'file'],
  ['etc/hosts', 'file'],
  ['etc/hostname', 'file'],
  ['dev/console', 'file'],
  ['etc/mtab', { link: '/proc/mounts' }],
];

interface InitLayer {
  readonly diff: ByteString;
  readonly view: FileTree;
  readonly opaques: Set<ByteString>;
}

/**
 * Fills an empty folder with what dockerd's `<mount-id>-init/diff` holds on top of an image: mount points and empty files
 * where the image has none. As there, a file or link that stands at one of these paths, or in the way to it, is replaced;
 * folders stay. No mount is needed: folders of the image come into the layer as by copy-up.
 *
 * Gives the folders whose opaque marker the host could not store (relative to `diff`). Throws LL_IO, LL_NO_RIGHT,
 * LL_NO_SPACE.
 */
export function createInitLayer(diff: ByteString, view: FileTree): ReadonlySet<ByteString> {
  const layer: InitLayer = { diff, view, opaques: new Set() };
  try {
    for (const [path, kind] of ENTRIES) makeEntry(layer, path, kind);
  } catch (error) {
    throw ioError(error, 'Making the init layer');
  }
  return layer.opaques;
}

function makeEntry(layer: InitLayer, path: string, kind: (typeof ENTRIES)[number][1]): void {
  const { diff } = layer;
  if (lookUp(layer, path)?.kind === 'dir') return;
  if (kind === 'dir') {
    ensureFolder(layer, path);
    return;
  }
  const slash = path.lastIndexOf('/');
  if (slash > 0) ensureFolder(layer, path.slice(0, slash));
  const full = `${diff}/${path}`;
  if (typeof kind === 'object') symlinkSync(kind.link, fsPath(full));
  else {
    writeFileSync(fsPath(full), '', { flag: 'wx' });
    chmodSync(fsPath(full), 0o755);
  }
}

/** What the image has at a path; nothing below what is no folder. */
function lookUp(layer: InitLayer, path: string): FileNode | undefined {
  let node: FileNode | undefined = layer.view.root;
  for (const name of path.split('/')) {
    if (node?.kind !== 'dir') return undefined;
    node = layer.view.child(node, name);
  }
  return node;
}

/** A folder of the layer: copied up from the image, or new; marked opaque where it replaces what is no folder. */
function ensureFolder(layer: InitLayer, path: string): void {
  const full = `${layer.diff}/${path}`;
  if (lstatOrUndefined(full) !== undefined) return;
  const slash = path.lastIndexOf('/');
  if (slash > 0) ensureFolder(layer, path.slice(0, slash));
  mkdirSync(fsPath(full));
  const below = lookUp(layer, path);
  if (below?.kind === 'dir') {
    lchownSync(fsPath(full), below.uid, below.gid);
    chmodSync(fsPath(full), below.mode);
    for (const [name, value] of below.xattrs()) lsetxattr(full, name, value);
    return;
  }
  chmodSync(fsPath(full), 0o755);
  if (below !== undefined) markOpaque(layer, path);
}

function markOpaque(layer: InitLayer, path: string): void {
  try {
    lsetxattr(`${layer.diff}/${path}`, 'trusted.overlay.opaque', Buffer.from('y'));
  } catch (error) {
    if (!['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error;
    layer.opaques.add(path);
  }
}
