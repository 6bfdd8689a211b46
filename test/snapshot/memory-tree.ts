import type { ChangeAttributes, ChangeNode } from '../../src/snapshot/change-node.ts';
import { ChangeTree } from '../../src/snapshot/change-tree.ts';
import type { FileNode, FileTree } from '../../src/snapshot/file-tree.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';

/** A tree in memory, from paths: a trailing slash makes a folder, `a -> b` a link, anything else a file of its own text. */
export function memoryTree(paths: readonly string[], time = 1000n): ChangeTree {
  const tree = new ChangeTree(new MergedView([]), () => time);
  for (const path of paths) {
    const [name, target] = path.split(' -> ') as [string, string | undefined];
    const parts = name.split('/').filter((part) => part !== '');
    for (let depth = 1; depth < parts.length; depth += 1) ensure(tree, parts.slice(0, depth), time);
    if (name.endsWith('/')) ensure(tree, parts, time);
    else tree.put(parts, { ...attributes(target === undefined ? 'file' : 'symlink', time), target: target ?? '' });
  }
  return tree;
}

function ensure(tree: ChangeTree, at: readonly string[], time: bigint): void {
  if (tree.lookup(at) === undefined) tree.makeDir(at, attributes('dir', time));
}

export function attributes(kind: ChangeAttributes['kind'], time: bigint): ChangeAttributes {
  return { kind, mode: kind === 'dir' ? 0o755 : 0o644, uid: 0, gid: 0, mtime: time };
}

/** A fresh change on top of a tree, which from now on only is what layers below are: files to read. */
export function changeOn(base: ChangeTree, time: bigint): ChangeTree {
  return new ChangeTree(readOnly(base), () => time);
}

function readOnly(tree: ChangeTree): FileTree {
  const originals = new WeakMap<FileNode, FileNode>();
  const copy = (node: FileNode): FileNode => {
    const { kind, mode, uid, gid, size, mtime, atime, major, minor, target, inode, path } = node;
    const plain: FileNode = {
      ...{ kind, mode, uid, gid, size, mtime, atime, major, minor, target, inode, path },
      xattrs: () => node.xattrs(),
    };
    originals.set(plain, node);
    return plain;
  };
  const original = (node: FileNode): FileNode => originals.get(node) as FileNode;
  return {
    root: copy(tree.root),
    child: (dir, name) => {
      const node = tree.child(original(dir), name);
      return node === undefined ? undefined : copy(node);
    },
    names: (dir) => tree.names(original(dir)),
  };
}

/** All that a change holds, `path` with `/` for folders, `!` for whiteouts and `*` for opaque folders. */
export function listing(tree: ChangeTree): string[] {
  const lines: string[] = [];
  const walk = (node: ChangeNode, prefix: string): void => {
    for (const name of [...node.children.keys()].sort()) {
      const child = node.children.get(name) as ChangeNode;
      const mark = child.whiteout ? '!' : child.kind === 'dir' ? `/${child.opaque ? '*' : ''}` : '';
      lines.push(`${prefix}${name}${mark}`);
      walk(child, `${prefix}${name}/`);
    }
  };
  walk(tree.root, '');
  return lines;
}
