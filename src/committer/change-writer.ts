import { closeSync, fchmodSync, fchownSync, lchownSync, linkSync, openSync, renameSync, symlinkSync } from 'node:fs';
import type { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import type { Crc64 } from '../formats/crc64.ts';
import { ioError } from '../host/io-error.ts';
import type { ChangeNode } from '../snapshot/change-node.ts';
import { LATER, namesInOrder } from '../snapshot/names-in-order.ts';
import type { EarlyFiles } from './ahead/early-files.ts';
import type { FilesAhead, PlacedFile } from './ahead/files-ahead.ts';
import { readBytes, writeAll } from './copy-bytes.ts';
import type { LayerResult } from './layer-result.ts';
import type { LayerWriter } from './layer-writer.ts';
import { PartReader } from './part-reader.ts';
import { makeDirectory, makeSpecial, ownDirectory, setAttributes } from './place-file.ts';
import { type SettledForm, settleTimes } from './settle-times.ts';
import type { TarDialect } from './tar-dialect.ts';
import { opaqueEntry, tarEntryOf, whiteoutEntry } from './tar-entry-of.ts';

export interface WriteChangeOptions extends SettledForm {
  /** The snapshot's empty `diff` folder. */
  readonly diff: ByteString;
  /** Whether the host holds owners, devices and overlay's marks; where not, tar-split alone holds them. */
  readonly faithful: boolean;
  readonly dialect: TarDialect;
  readonly crc: Crc64;
  /** Called with the bytes of content that were written so far. */
  readonly onBytes?: (bytes: number) => void;
  /**
   * Called where other threads have to be waited for: there is time for other work. The first `nodes` files and folders of
   * the change, depth first and names bytewise, are written by then.
   */
  readonly onWait?: (nodes: number) => void;
  /** Called where all stands in `diff` while the layer is still being hashed: there is time to begin flushing. */
  readonly onPlaced?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Where a change is written to: its layer, or what only sees to it that the layer is of the same bytes. */
export type LayerSink = Pick<
  LayerWriter,
  'add' | 'addFile' | 'contentWriter' | 'addPlaced' | 'addRead' | 'addMade' | 'flush'
>;

/** Goes through a change in the order of its layer, and does in `diff` what is not done yet. */
export class ChangeWriter {
  readonly #options: WriteChangeOptions;
  readonly #layer: LayerSink;
  /** First name of a hard-linked file: its path on the disk, its tar name. */
  readonly #links = new Map<string, { path: ByteString; name: ByteString }>();
  readonly #parts = new PartReader();
  #diskSize = 0;
  #bytes = 0;
  /** Files and folders that were gone through; of a folder, its own attributes may still be to be set. */
  nodes = 0;
  /** Files that other threads copy; none: all are copied here. */
  ahead: FilesAhead | undefined;
  /** Files that other threads write, or wrote, already. */
  early: EarlyFiles | undefined;
  /** The file at hand, where another thread copied it. */
  #placed: PlacedFile | undefined;
  /** Whether the folder at hand hands its group down to what is made in it. */
  #handedGroup = false;

  constructor(options: WriteChangeOptions, layer: LayerSink) {
    this.#options = options;
    this.#layer = layer;
  }

  /** What only the disk tells of the layer. Throws LL_CONTEXT where a source changed meanwhile. */
  finish(root: ChangeNode): Pick<LayerResult, 'diskSize' | 'empty'> {
    this.#parts.check();
    return { diskSize: this.#diskSize, empty: root.children.size === 0 };
  }

  close(): void {
    this.#parts.close();
  }

  /** Gives what has to be waited for before it goes on; nothing where all is done here. */
  *folder(dir: ChangeNode, path: ByteString, name: ByteString): Generator<Promise<void> | 'later', void> {
    const names = namesInOrder(dir);
    for (;;) {
      const next = names.next();
      if (next === undefined) break;
      if (next === LATER) {
        yield 'later';
        continue;
      }
      const child = next;
      const node = dir.children.get(child) as ChangeNode;
      for (;;) {
        const wait = this.ahead?.wait(node);
        if (wait === undefined) break;
        yield wait;
      }
      settleTimes(node, this.#options);
      this.#handedGroup = (dir.mode & 0o2000) !== 0;
      if (node.whiteout) this.#whiteout(node, path, name, child);
      else if (node.kind === 'dir') yield* this.#directory(node, `${path}/${child}`, `${name}${child}/`);
      else if (!this.#takeMade(node)) this.#leaf(node, `${path}/${child}`, name + child);
      if (node.kind !== 'dir') this.nodes += 1;
    }
    // The root is in no layer: where that came through a tar, or has its times bounded, the folder's own time stays.
    if (name === '' && (this.#options.asFromTar || this.#options.latestTime !== undefined)) return;
    settleTimes(dir, this.#options);
    setAttributes(path, dir, this.#options.faithful);
  }

  *#directory(node: ChangeNode, path: ByteString, name: ByteString): Generator<Promise<void> | 'later', void> {
    this.#layer.add(tarEntryOf(node, name, undefined, this.#options.dialect));
    if (node.opaque) this.#layer.add(opaqueEntry(node, name, this.#options.dialect));
    if (this.ahead?.hasMade(node) !== true) {
      const make = this.early?.hasFolder(name.slice(0, -1)) === true ? ownDirectory : makeDirectory;
      make(path, node, this.#options.faithful, this.#handedGroup);
    }
    this.nodes += 1;
    yield* this.folder(node, path, name);
  }

  #whiteout(node: ChangeNode, dir: ByteString, prefix: ByteString, child: ByteString): void {
    this.#layer.add(whiteoutEntry(node, prefix, child, this.#options.dialect));
    const { asFromTar, dialect, faithful } = this.#options;
    const owned = this.#handedGroup && (!asFromTar || dialect.whiteoutsOwned);
    if (faithful) makeSpecial(`${dir}/${child}`, node, owned);
  }

  /** Takes a file that another thread copied; where that made all of it that the layer needs, nothing is left to do and true is given. */
  #takeMade(node: ChangeNode): boolean {
    const placed = this.ahead?.take(node);
    this.#placed = placed;
    if (placed === undefined) return false;
    this.early?.check(placed.name, placed.crc());
    if (placed.made === undefined || placed.hasXattrs || !this.#layer.addMade(placed.name, placed.made)) return false;
    this.#taken(placed);
    return true;
  }

  #leaf(node: ChangeNode, path: ByteString, name: ByteString): void {
    const first = node.inode === '' ? undefined : this.#links.get(node.inode);
    // What it was found to have goes into the header.
    const placed = this.#placed;
    const entry = tarEntryOf(node, name, first?.name, this.#options.dialect);
    try {
      if (first !== undefined) {
        if (this.#isPlaced(node)) linkSync(fsPath(first.path), fsPath(path));
        this.#layer.add(entry);
        return;
      }
      if (placed !== undefined) {
        this.#layer.addRead(entry, placed.content(), placed.crc());
        this.#taken(placed);
        if (placed.hasXattrs) setAttributes(path, node, this.#options.faithful);
        return;
      }
      if (node.inode !== '') this.#links.set(node.inode, { path, name });
      if (this.early?.has(name) === true) {
        this.#diskSize += node.size;
        if (this.#layer.addPlaced(entry, path, this.early.crcOf(name))) this.#passed(node.size);
        else
          this.early.check(
            name,
            this.#layer.addFile(entry, (sink) => this.#placedContent(node, sink)),
          );
        return;
      }
      if (node.kind === 'file') {
        this.#layer.addFile(entry, (sink, hashed) => this.#content(node, path, name, sink, hashed));
        this.#diskSize += node.size;
      } else {
        if (node.kind === 'symlink') {
          symlinkSync(fsPath(node.target), fsPath(path));
          this.#diskSize += node.target.length;
          if (this.#options.faithful) lchownSync(fsPath(path), node.uid, node.gid);
        } else if (this.#options.faithful) makeSpecial(path, node, this.#handedGroup);
        this.#layer.add(entry);
        if (!this.#isPlaced(node)) return;
      }
      setAttributes(path, node, this.#options.faithful);
    } catch (error) {
      throw unwritten(error, name);
    }
  }

  #taken({ size }: PlacedFile): void {
    this.#diskSize += size;
    this.#bytes += size;
    if (this.ahead?.isAtEnd === true) {
      this.#layer.flush();
      this.ahead.release();
    }
    this.#options.onBytes?.(this.#bytes);
  }

  /** Devices and fifos are in tar-split alone where the host cannot hold them. */
  #isPlaced(node: ChangeNode): boolean {
    return this.#options.faithful || node.kind === 'file' || node.kind === 'symlink';
  }

  /** The content of a file that stands in its place, from where it was read before. */
  #placedContent(node: ChangeNode, sink: (chunk: Buffer) => void): void {
    const { signal } = this.#options;
    if (node.content?.kind !== 'part') return;
    this.#parts.read(node.content.source, node.content.offset, node.size, (chunk) => {
      signal?.throwIfAborted();
      sink(chunk);
      this.#passed(chunk.length);
    });
  }

  #passed(bytes: number): void {
    this.#bytes += bytes;
    this.#options.onBytes?.(this.#bytes);
  }

  #content(
    node: ChangeNode,
    path: ByteString,
    name: ByteString,
    sink: (chunk: Buffer) => void,
    hashed: (chunk: Buffer) => void,
  ): void {
    const { faithful, onBytes, signal } = this.#options;
    const content = node.content;
    if (content?.kind === 'staged') {
      renameSync(fsPath(content.path), fsPath(path));
      readBytes(path, node.size, sink);
    }
    const fd = openSync(fsPath(path), content?.kind === 'staged' ? 'r' : 'wx', 0o600);
    const writer = content?.kind === 'staged' ? undefined : this.#layer.contentWriter(fd, node.size);
    try {
      const take = (chunk: Buffer): void => {
        signal?.throwIfAborted();
        if (writer === undefined) {
          // Else it would be told as a failure of reading, which this is done in.
          writing(name, () => writeAll(fd, chunk));
          sink(chunk);
        } else {
          writer.take(chunk.length);
          hashed(chunk);
        }
        this.#bytes += chunk.length;
        onBytes?.(this.#bytes);
      };
      if (content?.kind === 'file') readBytes(content.path, node.size, take, writer?.room);
      else if (content?.kind === 'part') {
        this.#parts.read(content.source, content.offset, node.size, take, writer?.room);
      }
      // Writing moves the times, and takes some bits of the mode away: nothing more is written when these are set.
      writer?.finish();
      if (faithful) {
        const isOwned = !this.#handedGroup && node.uid === 0 && node.gid === 0 && content?.kind !== 'staged';
        if (!isOwned) fchownSync(fd, node.uid, node.gid);
        fchmodSync(fd, node.mode);
      } else {
        fchmodSync(fd, (node.mode & 0o777) | 0o600);
      }
    } finally {
      writer?.close();
      closeSync(fd);
    }
  }
}

function writing(name: ByteString, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw unwritten(error, name);
  }
}

function unwritten(error: unknown, name: ByteString): LayerlabError {
  return ioError(error, `writing ${fromByteString(name)} to the layer`);
}
