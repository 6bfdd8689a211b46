import { closeSync, readSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, compareBytes, fromByteString } from '../formats/bytestring.ts';
import type { Digest } from '../formats/digest.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../formats/tar-header.ts';
import { ioError } from '../host/io-error.ts';
import { openFile } from '../host/open-file.ts';
import { mayHaveXattrs } from '../host/xattrs.ts';
import type { ChangeNode } from '../snapshot/change-node.ts';
import type { ChangeTree } from '../snapshot/change-tree.ts';
import { noXattrs } from '../snapshot/file-tree.ts';
import { openHash, type StreamHash } from './hash-thread/stream-hash.ts';
import type { TarDialect } from './tar-dialect.ts';
import { opaqueEntry, tarEntryOf, whiteoutEntry, wholeSeconds } from './tar-entry-of.ts';

export interface HashChangeOptions {
  readonly dialect: TarDialect;
  /** No time in the layer is later than this, nanoseconds. */
  readonly latestTime: bigint | undefined;
  /** Called with the bytes of content that were read so far. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that go through sha256 at once: calls cost as much as some hundred bytes. */
const PIECE = 256 * 1024;

/**
 * The diff_id of the layer that `writeChange` would make of a change, without writing anything: every source is read. For
 * changes whose contents are files of their own, as those of a COPY.
 *
 * @returns undefined where a content lies elsewhere
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_RIGHT, LL_IO
 */
export function hashChange(tree: ChangeTree, options: HashChangeOptions): Digest | undefined {
  if (!isPlain(tree.root)) return undefined;
  const tar = new HashedTar(openHash(tree.contentSize()), options);
  try {
    tar.folder(tree.root, '');
    return tar.finish();
  } finally {
    tar.abandon();
  }
}

function isPlain(dir: ChangeNode): boolean {
  for (const node of dir.children.values()) {
    if (node.kind === 'dir' ? !isPlain(node) : node.kind === 'file' && node.size > 0 && node.content?.kind !== 'file')
      return false;
  }
  return true;
}

/** The bytes of a layer's tar, in the order in which `writeChange` has them, on their way through sha256. */
class HashedTar {
  readonly #hash: StreamHash;
  readonly #options: HashChangeOptions;
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);
  readonly #links = new Map<string, ByteString>();
  #filled = 0;
  #bytes = 0;

  constructor(hash: StreamHash, options: HashChangeOptions) {
    this.#hash = hash;
    this.#options = options;
  }

  folder(dir: ChangeNode, prefix: ByteString): void {
    const { dialect } = this.#options;
    for (const child of [...dir.children.keys()].sort(compareBytes)) {
      const node = dir.children.get(child) as ChangeNode;
      const name = prefix + child;
      if (node.whiteout) this.#header(whiteoutEntry(node, prefix, child, dialect));
      else if (node.kind === 'dir') {
        this.#header(tarEntryOf(node, `${name}/`, undefined, dialect));
        if (node.opaque) this.#add(encodeTarHeader(opaqueEntry(node, `${name}/`, dialect)));
        this.folder(node, `${name}/`);
      } else this.#leaf(node, name);
    }
  }

  finish(): Digest {
    this.#add(TAR_END);
    this.#flush();
    return `sha256:${this.#hash.digest()}`;
  }

  /** Call it where `finish` was not reached; does nothing behind it. */
  abandon(): void {
    this.#hash.abandon();
  }

  #leaf(node: ChangeNode, name: ByteString): void {
    this.#options.signal?.throwIfAborted();
    const first = node.inode === '' ? undefined : this.#links.get(node.inode);
    if (first === undefined && node.inode !== '') this.#links.set(node.inode, name);
    const entry = (): ReturnType<typeof tarEntryOf> => tarEntryOf(node, name, first, this.#options.dialect);
    if (first !== undefined || node.kind !== 'file' || node.size === 0) {
      this.#header(entry());
      return;
    }
    const fd = openFile(node.path);
    try {
      // Most files have none: to ask the open file spares a look by its path.
      if (node.leavesXattrs && !mayHaveXattrs(fd)) node.setXattrs(noXattrs);
      this.#header(entry());
      this.#content(fd, node);
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(node.path)}`);
    } finally {
      closeSync(fd);
    }
    this.#add(tarPadding(node.size));
    this.#bytes += node.size;
    this.#options.onBytes?.(this.#bytes);
  }

  #content(fd: number, { path, size }: ChangeNode): void {
    for (let left = size; left > 0; ) {
      if (this.#filled === PIECE) this.#flush();
      const count = readSync(fd, this.#piece, this.#filled, Math.min(left, PIECE - this.#filled), null);
      if (count === 0) {
        throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
      }
      this.#filled += count;
      left -= count;
    }
  }

  #header(entry: ReturnType<typeof tarEntryOf>): void {
    const { latestTime } = this.#options;
    const mtime = latestTime === undefined ? entry.mtime : Math.min(entry.mtime, wholeSeconds(latestTime));
    this.#add(encodeTarHeader(mtime === entry.mtime ? entry : { ...entry, mtime }));
  }

  #add(bytes: Buffer): void {
    if (bytes.length > PIECE - this.#filled) this.#flush();
    if (bytes.length > PIECE) this.#hash.update(bytes);
    else this.#filled += bytes.copy(this.#piece, this.#filled);
  }

  #flush(): void {
    this.#hash.update(this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
