import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs';
import { tarEntryOf } from '../committer/tar-entry-of.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, compareBytes, fromByteString, fsPath } from '../formats/bytestring.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../formats/tar-header.ts';
import { ioError } from '../host/io-error.ts';
import { type DiskNode, lstatNode } from '../snapshot/disk-node.ts';

const CHUNK = 1 << 20;
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The tar of a folder as Docker makes a layer's: no entry for the folder itself, depth first, names bytewise; hard links kept,
 * sockets left out (moby go-archive archive.TarWithOptions). A chunk is valid until the next is asked for. Throws LL_CONTEXT for a
 * file that changes meanwhile and for a name that would mean a deletion.
 */
export function* folderTar(root: ByteString): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const first = new Map<string, ByteString>();
  const pending = listing(root, '');
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = look(`${root}/${name}`);
    if (node === undefined || node.kind === 'socket') continue;
    const linkTo = node.inode === '' ? undefined : first.get(node.inode);
    if (node.inode !== '' && linkTo === undefined) first.set(node.inode, name);
    yield encodeTarHeader(tarEntryOf(node, node.kind === 'dir' ? `${name}/` : name, linkTo));
    if (node.kind === 'dir') pending.push(...listing(root, `${name}/`));
    else if (node.kind === 'file' && linkTo === undefined && node.size > 0) {
      yield* content(node, buffer);
      const padding = tarPadding(node.size);
      if (padding.length > 0) yield padding;
    }
  }
  yield TAR_END;
}

/** The names in a folder, the first of them last. */
function listing(root: ByteString, folder: ByteString): ByteString[] {
  let names: ByteString[];
  try {
    names = readdirSync(fsPath(`${root}/${folder}`), { encoding: 'latin1' });
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(folder)}`);
  }
  const marker = names.find((name) => name.startsWith('.wh.'));
  if (marker !== undefined) {
    throw new LayerlabError(
      'LL_CONTEXT',
      `${fromByteString(folder + marker)}: names that begin with .wh. mark deletions in a layer`,
    );
  }
  return names
    .sort(compareBytes)
    .reverse()
    .map((name) => folder + name);
}

function look(path: ByteString): DiskNode | undefined {
  try {
    return lstatNode(path);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  }
}

function* content(node: DiskNode, buffer: Buffer): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(fsPath(node.path), FLAGS);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(node.path)}`);
  }
  try {
    for (let left = node.size; left > 0; ) {
      const count = readSync(fd, buffer, 0, Math.min(left, buffer.length), null);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(node.path)} changed while it was read`);
      }
      left -= count;
      yield buffer.subarray(0, count);
    }
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(node.path)}`);
  } finally {
    closeSync(fd);
  }
}
