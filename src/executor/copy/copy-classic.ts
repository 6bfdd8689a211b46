import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, toByteString } from '../../formats/bytestring.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { entriesOf, type FileNode } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import { sentFile } from '../context/sent-file.ts';
import { addArchive } from './add-archive.ts';
import type { CopyRequest } from './copy-buildkit.ts';
import type { FoundSource } from './find-sources.ts';
import { makeDirs, type NewDir } from './make-dirs.ts';

/**
 * COPY and ADD as the classic builder does them (moby builder/dockerfile/copy.go, pkg/archive): everything travels through a
 * tar, so times are whole seconds and a folder that is there takes the source's owner, mode and time, except the
 * destination itself; an owner is given afterwards, to what was copied.
 */
export async function copyClassic(
  tree: ChangeTree,
  request: CopyRequest,
  sources: readonly FoundSource[],
): Promise<void> {
  for (const source of sources) {
    if (source.node.kind === 'dir') {
      copyFolder(tree, request, source.node);
      continue;
    }
    if (request.archives !== undefined && source.node.kind === 'file' && source.downloaded === undefined) {
      const unpacked = await addArchive(tree, source.node, request.archives, () =>
        makeDirs(tree, toByteString(request.destination), rootsDir(request), request.now),
      );
      if (unpacked) continue;
    }
    copyFile(tree, request, source);
  }
}

function rootsDir(request: CopyRequest): NewDir {
  return { mode: 0o755, uid: 0, gid: 0, time: request.madeTime };
}

function copyFolder(tree: ChangeTree, request: CopyRequest, node: FileNode): void {
  const destination = toByteString(request.destination);
  const existed = resolvePath(tree, destination, true).node;
  if (existed !== undefined && existed.kind !== 'dir') {
    throw new LayerlabError(
      'LL_BUILD_FAILED',
      `failed to copy files: failed to copy directory: mkdir ${request.destination}: not a directory`,
    );
  }
  const at = makeDirs(tree, destination, rootsDir(request), request.now);
  copyContents(tree, request, node, at, new Map());
  // Unpacking makes a folder in the destination to change the root to, and removes it: the destination's time moves.
  tree.copyUp(at).mtime = request.madeTime ?? request.now();
  if (existed === undefined && request.owner !== undefined) {
    const dir = tree.copyUp(at);
    dir.uid = request.owner.uid;
    dir.gid = request.owner.gid;
  }
}

function copyContents(
  tree: ChangeTree,
  request: CopyRequest,
  from: FileNode,
  to: readonly ByteString[],
  links: Map<string, string>,
): void {
  for (const [name, node] of entriesOf(request.source, from)) {
    if (node.kind === 'socket') continue;
    const at = [...to, name];
    if (node.kind !== 'dir') {
      put(tree, request, node, at, links, true);
      continue;
    }
    if (tree.lookup(at)?.kind === 'dir') {
      const dir = tree.copyUp(at);
      dir.mode = node.mode;
      dir.uid = request.owner?.uid ?? node.uid;
      dir.gid = request.owner?.gid ?? node.gid;
    } else {
      tree.makeDir(at, {
        kind: 'dir',
        mode: node.mode,
        uid: request.owner?.uid ?? node.uid,
        gid: request.owner?.gid ?? node.gid,
        mtime: node.mtime,
      });
    }
    copyContents(tree, request, node, at, links);
    tree.copyUp(at).mtime = node.mtime;
  }
}

function copyFile(tree: ChangeTree, request: CopyRequest, source: FoundSource): void {
  const destination = toByteString(request.destination);
  const target = resolvePath(tree, destination, true);
  const into = destination.endsWith('/') || target.node?.kind === 'dir';
  const parent = into ? destination : destination.slice(0, destination.lastIndexOf('/') + 1);
  const owner = request.owner ?? { uid: 0, gid: 0 };
  const dir = makeDirs(tree, parent, { mode: 0o755, ...owner, time: request.madeTime }, request.now);
  put(tree, request, source.node, into ? [...dir, source.name] : target.components, new Map(), false);
}

const CAPABILITY = 'security.capability';
let scopes = 0;

function put(
  tree: ChangeTree,
  request: CopyRequest,
  node: FileNode,
  at: readonly ByteString[],
  links: Map<string, string>,
  keepsCapability: boolean,
): void {
  const { owner } = request;
  // What was sent has none: not looked for in each of many files.
  const mayHave = keepsCapability && owner === undefined && sentFile(node) === undefined;
  const capability = mayHave ? node.xattrs().get(CAPABILITY) : undefined;
  let inode = '';
  if (node.inode !== '' && keepsCapability) {
    inode = links.get(node.inode) ?? `classic${++scopes}`;
    links.set(node.inode, inode);
  }
  tree.put(at, {
    kind: node.kind,
    mode:
      node.kind === 'file' && (owner !== undefined || sentFile(node) !== undefined) ? afterChown(node.mode) : node.mode,
    uid: owner?.uid ?? node.uid,
    gid: owner?.gid ?? node.gid,
    size: node.size,
    mtime: node.mtime,
    major: node.major,
    minor: node.minor,
    target: node.target,
    inode,
    ...(capability === undefined ? {} : { xattrs: new Map([[CAPABILITY, capability]]) }),
    content: { kind: 'file', path: node.path },
    signature: node,
  });
}

/**
 * A change of owner takes the set-user bit, and the set-group bit of what the group may execute. Files of the context go
 * through one when they are received.
 */
function afterChown(mode: number): number {
  const kept = mode & ~0o4000;
  return (kept & 0o2010) === 0o2010 ? kept & ~0o2000 : kept;
}
