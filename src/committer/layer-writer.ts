import type { ByteString } from '../formats/bytestring.ts';
import type { Crc64 } from '../formats/crc64.ts';
import type { Digest } from '../formats/digest.ts';
import { paddingOf } from '../formats/tar-block.ts';
import type { TarEntry } from '../formats/tar-entry.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../formats/tar-header.ts';
import { TarSplitWriter } from '../formats/tar-split-writer.ts';
import { sizeInTar } from './ahead/file-batch.ts';
import type { ListWork } from './hash-thread/list-reader.ts';
import { type ContentWriter, openHash, type StreamHash } from './hash-thread/stream-hash.ts';
import type { TarDialect } from './tar-dialect.ts';

export interface WrittenLayer {
  readonly diffId: Digest;
  /** Bytes of the whole tar. */
  readonly tarSize: number;
  /** Bytes of all regular files' contents: how BuildKit states a layer's size. */
  readonly contentSize: number;
  /** The whole `tar-split.json.gz`. */
  readonly tarSplit: Buffer;
}

/** A file as it was made elsewhere: where its bytes in the tar begin, and where its lines of tar-split are. */
export interface MadeFile {
  readonly memory: Buffer;
  readonly at: number;
  readonly size: number;
  readonly linesAt: number;
  readonly linesEnd: number;
  /** The number of its first line. */
  readonly position: number;
  /** The zero bytes behind the content in front of it, which its first line holds. */
  readonly padding: number;
}

const NO_SUM = Buffer.alloc(0);

/** A content whose CRC-64 is still to come. */
interface Awaited {
  readonly name: ByteString;
  readonly size: number;
  crc: Buffer | undefined;
}

interface Run {
  readonly memory: Buffer;
  readonly at: number;
  end: number;
  readonly linesAt: number;
  linesEnd: number;
}

/**
 * Takes the entries of a layer, which is a tree, in their order and gives its diff_id and tar-split, without ever holding the tar: headers and
 * contents go through sha256, contents through CRC-64, headers and padding into tar-split (moby layer/layer_store.go,
 * vbatts/tar-split tar/asm).
 */
export class LayerWriter {
  readonly #sha: StreamHash;
  readonly #crc: Crc64;
  readonly #split: TarSplitWriter;
  #tarSize = 0;
  #contentSize = 0;
  /** Files one behind the other that are still to go through sha256 and into tar-split. */
  #run: Run | undefined;
  /** What goes into tar-split behind a content whose CRC-64 is still to come, that content first. */
  #behind: (Awaited | Buffer)[] = [];
  #told = 0;

  /**
   * @param aside compress tar-split beside this thread; then only `finished` ends the layer
   * @param hash about how many bytes the tar will have: where they are many, they are hashed in a thread; or a new hash for it
   */
  constructor(crc: Crc64, dialect: TarDialect, aside = false, hash: number | StreamHash = 0) {
    this.#sha = typeof hash === 'number' ? openHash(hash) : hash;
    this.#crc = crc;
    const { trailingSegment, longEscapes } = dialect;
    this.#split = new TarSplitWriter({ emptyTail: trailingSegment, longEscapes, aside, isTree: true });
  }

  /** Adds an entry without content (folder, link, device, empty file). */
  add(entry: TarEntry): void {
    this.#raw(encodeTarHeader(entry));
    if (this.#behind.length === 0) this.#split.file(entry.name, 0, undefined);
    else this.#behind.push({ name: entry.name, size: 0, crc: NO_SUM });
  }

  /**
   * Adds a regular file. `read` is called with a sink for its bytes and must hand over exactly `entry.size` of them;
   * the sink keeps nothing. What went through `contentWriter` goes to the second sink instead. Gives the content's CRC-64.
   */
  addFile(entry: TarEntry, read: (sink: (chunk: Buffer) => void, hashed: (chunk: Buffer) => void) => void): Buffer {
    if (entry.size === 0) {
      read(
        () => undefined,
        () => undefined,
      );
      this.add(entry);
      return NO_SUM;
    }
    this.#raw(encodeTarHeader(entry));
    this.#crc.init();
    const hashed = (chunk: Buffer): void => this.#crc.update(chunk);
    read((chunk) => {
      this.#sha.update(chunk);
      hashed(chunk);
    }, hashed);
    this.#tarSize += entry.size;
    this.#contentSize += entry.size;
    const crc = this.#crc.digest();
    this.#split.file(entry.name, entry.size, crc);
    const padding = tarPadding(entry.size);
    if (padding.length > 0) this.#raw(padding);
    return crc;
  }

  /** Within `addFile`, for a large content: writes it to an open file, and hashes the same bytes, beside this thread. */
  contentWriter(file: number, size: number): ContentWriter | undefined {
    return this.#sha.writer(file, size);
  }

  /**
   * Adds a regular file that stands in its place, whose CRC-64 is known: it is read beside this thread. Nothing is done and false
   * given where that cannot be.
   */
  addPlaced(entry: TarEntry, path: ByteString, crc: Buffer): boolean {
    if (!this.#sha.readsParts) return false;
    this.#raw(encodeTarHeader(entry));
    this.#sha.part({ file: path, offset: 0, size: entry.size });
    this.#tarSize += entry.size;
    this.#contentSize += entry.size;
    this.#split.file(entry.name, entry.size, crc);
    const padding = tarPadding(entry.size);
    if (padding.length > 0) this.#raw(padding);
    return true;
  }

  /** Whether `addRange` can be called. */
  get readsRanges(): boolean {
    return this.#sha.readsParts;
  }

  /**
   * Adds a regular file that is not empty, whose content is a range of an open file and is read beside this thread. The file is to
   * stay open until the layer is finished or abandoned; `onSum` hears of the CRC-64 of what was hashed, by then.
   */
  addRange(entry: TarEntry, file: number, offset: number, onSum: (crc: Buffer) => void): void {
    this.#raw(encodeTarHeader(entry));
    const awaited: Awaited = { name: entry.name, size: entry.size, crc: undefined };
    this.#behind.push(awaited);
    this.#sha.range(file, offset, entry.size, (crc) => {
      awaited.crc = crc;
      onSum(crc);
      this.#tell();
    });
    this.#tarSize += entry.size;
    this.#contentSize += entry.size;
    const padding = tarPadding(entry.size);
    if (padding.length > 0) this.#raw(padding);
  }

  /** Has what `addRange` names read by one more thread: see `StreamHash`. */
  readBy(start: (work: ListWork) => void): void {
    this.#sha.readBy(start);
  }

  /** Goes on with what was hashed beside this thread. */
  collect(): void {
    this.#sha.collect();
  }

  /** Hands on to tar-split what waits for no CRC-64 any more. */
  #tell(): void {
    const behind = this.#behind;
    for (; this.#told < behind.length; this.#told++) {
      const next = behind[this.#told] as Awaited | Buffer;
      if (Buffer.isBuffer(next)) this.#split.segment(next);
      else if (next.crc === undefined) return;
      else this.#split.file(next.name, next.size, next.size === 0 ? undefined : next.crc);
    }
    this.#behind = [];
    this.#told = 0;
  }

  /** Adds a regular file that is not empty, whose content was read and whose CRC-64 was made elsewhere. */
  addRead(entry: TarEntry, content: Buffer, crc: Buffer): void {
    this.#raw(encodeTarHeader(entry));
    this.#sha.update(content);
    this.#tarSize += content.length;
    this.#contentSize += content.length;
    this.#split.file(entry.name, content.length, crc);
    const padding = tarPadding(content.length);
    if (padding.length > 0) this.#raw(padding);
  }

  /**
   * Adds a file whose bytes in the tar, header and padding included, and whose lines of tar-split were made elsewhere; nothing is
   * done and false given where these are not what follows here. Both are used later: see `flush`.
   */
  addMade(name: ByteString, { memory, at, size, linesAt, linesEnd, position, padding }: MadeFile): boolean {
    if (!this.#split.follows(position, padding)) return false;
    const run = this.#run;
    if (run === undefined || run.memory !== memory || run.end !== at || run.linesEnd !== linesAt) {
      this.flush();
      this.#run = { memory, at, end: at + sizeInTar(size), linesAt, linesEnd };
    } else {
      run.end = at + sizeInTar(size);
      run.linesEnd = linesEnd;
    }
    this.#split.made(name, size, paddingOf(size));
    this.#tarSize += sizeInTar(size);
    this.#contentSize += size;
    return true;
  }

  /** To be called before the memory of files that were made elsewhere is used for others. */
  flush(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.#sha.update(run.memory.subarray(run.at, run.end));
    this.#split.lines(run.memory.subarray(run.linesAt, run.linesEnd));
  }

  finish(): WrittenLayer {
    this.#raw(TAR_END);
    const digest = this.#sha.digest();
    return this.#written(digest, this.#split.finish());
  }

  /** As `finish`, also where tar-split is compressed aside. */
  async finished(): Promise<WrittenLayer> {
    this.#raw(TAR_END);
    if (this.#behind.length === 0) {
      const tarSplit = await this.#split.finished();
      return this.#written(this.#sha.digest(), tarSplit);
    }
    // All CRC-64s are there when the hash is.
    const digest = this.#sha.digest();
    return this.#written(digest, await this.#split.finished());
  }

  #written(digest: string, tarSplit: Buffer): WrittenLayer {
    return {
      diffId: `sha256:${digest}`,
      tarSize: this.#tarSize,
      contentSize: this.#contentSize,
      tarSplit,
    };
  }

  /** Call it where `finish` was not reached. */
  abandon(): void {
    this.#sha.abandon();
  }

  #raw(bytes: Buffer): void {
    this.flush();
    this.#sha.update(bytes);
    if (this.#behind.length === 0) this.#split.segment(bytes);
    else this.#behind.push(bytes);
    this.#tarSize += bytes.length;
  }
}
