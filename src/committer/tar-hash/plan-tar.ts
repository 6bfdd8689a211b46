import { type ByteString, compareBytes } from '../../formats/bytestring.ts';
import { BLOCK } from '../../formats/tar-block.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { encodeTarHeader, NO_XATTRS, putPlainHeader, TAR_END, tarPadding } from '../../formats/tar-header.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { TarDialect } from '../tar-dialect.ts';
import { opaqueEntry, tarEntryOf, tarMode, whiteoutEntry, wholeSeconds } from '../tar-entry-of.ts';
import { AT, BARE, SIZE, type TarRecipe } from './tar-recipe.ts';

/** A recipe, and the nodes that it takes to have no extended attributes: nobody has looked yet. */
export interface PlannedTar {
  readonly recipe: TarRecipe;
  readonly bare: readonly ChangeNode[];
}

/**
 * The tar that `writeChange` makes of a change, in the same order, but for the bytes of its contents.
 *
 * @param latestTime no time in the layer is later than this, nanoseconds
 * @returns undefined where a content is no file of its own
 */
export function planTar(tree: ChangeTree, dialect: TarDialect, latestTime: bigint | undefined): PlannedTar | undefined {
  const latest = latestTime === undefined ? Number.POSITIVE_INFINITY : wholeSeconds(latestTime);
  const paths: ByteString[] = [];
  const numbers: number[] = [];
  const bare: ChangeNode[] = [];
  const links = new Map<string, ByteString>();
  let at = 0;
  const add = (bytes: Buffer): void => {
    bytes.copy(roomFor(at, bytes.length), at);
    at += bytes.length;
  };
  /** What most files are: made in its place, without an entry of its own. False where it is not so simple. */
  const plain = (node: ChangeNode, name: ByteString): boolean => {
    if (dialect.names !== undefined || node.major !== 0 || node.minor !== 0) return false;
    const mtime = Math.min(wholeSeconds(node.mtime), latest);
    const block = roomFor(at, BLOCK).subarray(at, at + BLOCK);
    const { uid, gid, size } = node;
    if (!putPlainHeader(block, { name, mode: tarMode(node, dialect), uid, gid, size, mtime })) return false;
    at += BLOCK;
    return true;
  };
  const header = (entry: TarEntry): void =>
    add(encodeTarHeader(entry.mtime > latest ? { ...entry, mtime: latest } : entry));
  const content = (node: ChangeNode, name: ByteString): boolean => {
    if (node.content?.kind !== 'file') return false;
    const isBare = node.leavesXattrs;
    if (isBare) bare.push(node);
    if (!isBare || !plain(node, name))
      header(tarEntryOf(node, name, undefined, dialect, isBare ? NO_XATTRS : undefined));
    const place = numbers.length;
    numbers.push(0, 0, 0);
    numbers[place + AT] = at;
    numbers[place + SIZE] = node.size;
    numbers[place + BARE] = isBare ? 1 : 0;
    paths.push(node.path);
    add(tarPadding(node.size));
    return true;
  };
  const folder = (dir: ChangeNode, prefix: ByteString): boolean => {
    for (const child of [...dir.children.keys()].sort(compareBytes)) {
      const node = dir.children.get(child) as ChangeNode;
      const name = prefix + child;
      if (node.whiteout) header(whiteoutEntry(node, prefix, child, dialect));
      else if (node.kind === 'dir') {
        header(tarEntryOf(node, `${name}/`, undefined, dialect));
        if (node.opaque) add(encodeTarHeader(opaqueEntry(node, `${name}/`, dialect)));
        if (!folder(node, `${name}/`)) return false;
      } else {
        const first = node.inode === '' ? undefined : links.get(node.inode);
        if (first === undefined && node.inode !== '') links.set(node.inode, name);
        if (first !== undefined || node.kind !== 'file' || node.size === 0)
          header(tarEntryOf(node, name, first, dialect));
        else if (!content(node, name)) return false;
      }
    }
    return true;
  };
  if (!folder(tree.root, '')) return undefined;
  add(TAR_END);
  // A memory of its own: what is sent to a thread is copied whole.
  const between = Buffer.allocUnsafeSlow(at);
  slab.copy(between, 0, 0, at);
  if (slab.length > MOST_KEPT) slab = Buffer.allocUnsafeSlow(0);
  return { recipe: { between, paths: paths.join('\0'), numbers: Float64Array.from(numbers) }, bare };
}

const [LEAST, MOST_KEPT] = [256 * 1024, 1024 * 1024];
/** Kept for the next copy: new memory costs more than what is put into it. */
let slab: Buffer = Buffer.allocUnsafeSlow(0);

/** The slab, with what stands in it up to a place and room for so many bytes behind it. */
function roomFor(at: number, size: number): Buffer {
  if (at + size > slab.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(LEAST, 2 * slab.length, at + size));
    slab.copy(larger, 0, 0, at);
    slab = larger;
  }
  return slab;
}
