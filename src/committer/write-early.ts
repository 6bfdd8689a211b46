import type { ByteString } from '../formats/bytestring.ts';
import type { Crc64 } from '../formats/crc64.ts';
import type { ChangeNode, PartSource } from '../snapshot/change-node.ts';
import type { ChangeTree } from '../snapshot/change-tree.ts';
import { LATER, namesInOrder } from '../snapshot/names-in-order.ts';
import type { EarlyFiles } from './ahead/early-files.ts';
import type { Writers } from './ahead/open-writers.ts';
import { ChangeWriter, type LayerSink, type WriteChangeOptions } from './change-writer.ts';
import { keepHashWarm, MOST_AT_ONCE, type StreamHash } from './hash-thread/stream-hash.ts';
import type { LayerResult } from './layer-result.ts';
import { LayerWriter } from './layer-writer.ts';
import { changed, OpenParts } from './open-parts.ts';
import { settleTimes } from './settle-times.ts';
import { opaqueEntry, tarEntryOf, whiteoutEntry } from './tar-entry-of.ts';

/** A content as it was hashed. */
interface Hashed {
  readonly source: PartSource;
  crc: Buffer | undefined;
}

/**
 * Makes the layer of a change whose files are on their way into their places. The thread that hashes gets headers and ranges of the
 * archives at once, in the order of the layer, and reads these itself; when all files are there, this thread makes what else belongs
 * to the change. Each content that was hashed has to have the CRC-64 of what was written. Undefined, and nothing done, where contents
 * come from elsewhere too, or no thread hashes; files are in their places then.
 *
 * @param writers the threads; one of them reads for the one that hashes, when it has written what it has to
 * @param hash what the layer is hashed by, if not what is there for a large one
 * @throws LL_CONTEXT where an archive changed meanwhile, and what writing throws
 */
export async function writeEarly(
  tree: ChangeTree,
  options: WriteChangeOptions,
  early: EarlyFiles,
  writers?: Pick<Writers, 'read'>,
  hash?: StreamHash,
): Promise<LayerResult | undefined> {
  const sources = new OpenParts();
  let layer: LayerWriter | undefined;
  try {
    if (isOfParts(tree.root)) {
      keepHashWarm();
      layer = new LayerWriter(options.crc, options.dialect, true, hash ?? tree.contentSize());
    }
    // Should it not come to read, this thread does.
    if (writers !== undefined) layer?.readBy((work) => void writers.read(work).catch(() => undefined));
    const hashed = layer?.readsRanges === true ? hashParts(tree, layer, sources, options) : undefined;
    await early.settled();
    options.signal?.throwIfAborted();
    if (layer === undefined || hashed === undefined) return undefined;
    const written = new Map<ByteString, Buffer>();
    const own = placeRest(tree, options, early, sumsOf(options.crc, written, layer));
    options.onPlaced?.();
    const result = await layer.finished();
    sources.check();
    for (const [name, { source, crc }] of hashed) {
      const sum = early.has(name) ? early.crcOf(name) : written.get(name);
      if (crc === undefined || sum?.equals(crc) !== true) throw changed(source);
    }
    return { ...result, ...own };
  } finally {
    layer?.abandon();
    sources.close();
  }
}

/** Whether all contents of a folder are parts of other files, and none too large to be hashed at once. */
function isOfParts(dir: ChangeNode): boolean {
  for (const node of dir.children.values()) {
    if (node.kind === 'dir' && !isOfParts(node)) return false;
    if (node.kind !== 'file' || node.size === 0) continue;
    if (node.content?.kind !== 'part' || node.size > MOST_AT_ONCE) return false;
  }
  return true;
}

/** Hands all of a change to its layer; what is told of the contents comes in later. */
function hashParts(
  tree: ChangeTree,
  layer: LayerWriter,
  sources: OpenParts,
  options: WriteChangeOptions,
): ReadonlyMap<ByteString, Hashed> {
  const { dialect } = options;
  const hashed = new Map<ByteString, Hashed>();
  const links = new Map<string, ByteString>();
  const leaf = (node: ChangeNode, name: ByteString): void => {
    const first = node.inode === '' ? undefined : links.get(node.inode);
    const entry = tarEntryOf(node, name, first, dialect);
    const { content } = node;
    if (first === undefined && node.inode !== '') links.set(node.inode, name);
    if (first !== undefined || node.kind !== 'file' || node.size === 0 || content?.kind !== 'part') {
      layer.add(entry);
      return;
    }
    const own: Hashed = { source: content.source, crc: undefined };
    hashed.set(name, own);
    layer.addRange(entry, sources.numberOf(content.source), content.offset, (crc) => {
      own.crc = crc;
    });
  };
  const folder = (dir: ChangeNode, prefix: ByteString): void => {
    const names = namesInOrder(dir);
    for (let child = names.next(); child !== undefined && child !== LATER; child = names.next()) {
      const node = dir.children.get(child) as ChangeNode;
      settleTimes(node, options);
      const name = prefix + child;
      if (node.whiteout) layer.add(whiteoutEntry(node, prefix, child, dialect));
      else if (node.kind !== 'dir') leaf(node, name);
      else {
        layer.add(tarEntryOf(node, `${name}/`, undefined, dialect));
        if (node.opaque) layer.add(opaqueEntry(node, `${name}/`, dialect));
        folder(node, `${name}/`);
      }
    }
  };
  folder(tree.root, '');
  return hashed;
}

/** Makes what the threads have not: attributes of folders, links, devices, and files that were left to this one. */
function placeRest(
  tree: ChangeTree,
  options: WriteChangeOptions,
  early: EarlyFiles,
  sums: LayerSink,
): Pick<LayerResult, 'diskSize' | 'empty'> {
  const writer = new ChangeWriter(options, sums);
  writer.early = early;
  try {
    for (const _ of writer.folder(tree.root, options.diff, ''));
    return writer.finish(tree.root);
  } finally {
    writer.close();
  }
}

/** Entries after which is looked for what the thread that hashes has to tell. */
const OFTEN = 128;

/** Keeps the CRC-64s of what is written; the layer itself has all by then. */
function sumsOf(crc: Crc64, written: Map<ByteString, Buffer>, layer: LayerWriter): LayerSink {
  let entries = 0;
  const next = (): void => {
    if (++entries % OFTEN === 0) layer.collect();
  };
  return {
    add: next,
    addFile: ({ name, size }, read) => {
      next();
      crc.init();
      const take = (chunk: Buffer): void => crc.update(chunk);
      read(take, take);
      const sum = crc.digest();
      if (size > 0) written.set(name, sum);
      return sum;
    },
    addPlaced: () => {
      next();
      return true;
    },
    contentWriter: () => undefined,
    addRead: () => undefined,
    addMade: () => false,
    flush: () => undefined,
  };
}
