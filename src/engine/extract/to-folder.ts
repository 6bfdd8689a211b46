import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { makeDevice, mknod, S_IFBLK, S_IFCHR, S_IFIFO, setTimes } from '../../host/syscalls.ts';
import { lsetxattr } from '../../host/xattrs.ts';
import type { FileNode } from '../../snapshot/file-tree.ts';
import type { Store } from '../../store/store.ts';
import type { ExtractItem } from '../extract.ts';
import { readNode } from '../look/read-node.ts';

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const PLAIN = 0o777;
const TYPES: Readonly<Record<string, number>> = { char: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO };

/**
 * Writes files into a folder that is missing or empty. Without `preserve` they are the caller's, have no set-id bits, and devices and
 * fifos are left out. Folders get their modes and times last, so that closed ones can be filled. Gives what was left out.
 */
export function extractToFolder(
  store: Store,
  items: readonly ExtractItem[],
  output: string,
  preserve: boolean,
  progress: (current: number) => void,
): readonly ExtractItem[] {
  const root = makeRoot(output);
  const first = new Map<string, ByteString>();
  const skipped: ExtractItem[] = [];
  let done = 0;
  try {
    for (const item of items) {
      const { name, node } = item;
      const path = `${root}/${name}`;
      const linkTo = node.inode === '' || node.kind === 'dir' ? undefined : first.get(node.inode);
      if (linkTo !== undefined) {
        linkSync(fsPath(linkTo), fsPath(path));
        continue;
      }
      if (node.kind in TYPES && !preserve) {
        skipped.push(item);
        continue;
      }
      if (node.inode !== '') first.set(node.inode, path);
      if (node.kind === 'dir') {
        mkdirSync(fsPath(path), { mode: 0o700 });
        continue;
      }
      if (node.kind === 'symlink') symlinkSync(fsPath(node.target), fsPath(path));
      else if (node.kind === 'file') {
        done = writeFile(store, node, path, done, progress);
      } else mknod(path, (TYPES[node.kind] ?? 0) | 0o600, makeDevice(node.major, node.minor));
      finish(node, path, preserve);
    }
    for (const { name, node } of items.toReversed()) if (node.kind === 'dir') finish(node, `${root}/${name}`, preserve);
  } catch (error) {
    throw ioError(error, `writing ${output}`);
  }
  return skipped;
}

function makeRoot(output: string): ByteString {
  const root = toByteString(resolve(output));
  try {
    mkdirSync(fsPath(root), { recursive: true });
    if (readdirSync(fsPath(root)).length === 0) return root;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'ENOTDIR') throw ioError(error, `making ${output}`);
  }
  throw new LayerlabError('LL_CONFLICT', `${output} is there already and not an empty folder`, {
    hint: 'Name a new folder, or a file that ends in .tar.',
  });
}

function writeFile(
  store: Store,
  node: FileNode,
  path: ByteString,
  before: number,
  progress: (current: number) => void,
): number {
  let done = before;
  const fd = openSync(fsPath(path), FLAGS, 0o600);
  try {
    for (const chunk of readNode(store, node)) {
      for (let written = 0; written < chunk.length; ) written += writeSync(fd, chunk, written);
      done += chunk.length;
      progress(done);
    }
  } finally {
    closeSync(fd);
  }
  return done;
}

/** Owner first: changing it takes set-id bits and capabilities away. */
function finish(node: FileNode, path: ByteString, preserve: boolean): void {
  if (preserve) lchownSync(fsPath(path), node.uid, node.gid);
  if (node.kind !== 'symlink') chmodSync(fsPath(path), preserve ? node.mode : node.mode & PLAIN);
  if (preserve) for (const [name, value] of node.xattrs()) lsetxattr(path, name, value);
  setTimes(path, node.atime, node.mtime);
}
