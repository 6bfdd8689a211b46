import type { Crc64 } from '../formats/crc64.ts';
import type { Digest } from '../formats/digest.ts';
import type { TarEntry } from '../formats/tar-entry.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../formats/tar-header.ts';
import { TarSplitWriter } from '../formats/tar-split-writer.ts';
import { openHash, type StreamHash } from './hash-thread/stream-hash.ts';
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

/**
 * Takes a layer's entries in their order and gives its diff_id and tar-split, without ever holding the tar: headers and
 * contents go through sha256, contents through CRC-64, headers and padding into tar-split (moby layer/layer_store.go,
 * vbatts/tar-split tar/asm).
 */
export class LayerWriter {
  readonly #sha: StreamHash;
  readonly #crc: Crc64;
  readonly #split: TarSplitWriter;
  #tarSize = 0;
  #contentSize = 0;

  /**
   * @param aside compress tar-split beside this thread; then only `finished` ends the layer
   * @param expected about how many bytes the tar will have; where they are many, they are hashed in a thread
   */
  constructor(crc: Crc64, dialect: TarDialect, aside = false, expected = 0) {
    this.#sha = openHash(expected);
    this.#crc = crc;
    const { trailingSegment, longEscapes } = dialect;
    this.#split = new TarSplitWriter({ emptyTail: trailingSegment, longEscapes, aside });
  }

  /** Adds an entry without content (folder, link, device, empty file). */
  add(entry: TarEntry): void {
    this.#raw(encodeTarHeader(entry));
    this.#split.file(entry.name, 0, undefined);
  }

  /**
   * Adds a regular file. `read` is called with a sink for its bytes and must hand over exactly `entry.size` of them;
   * the sink keeps nothing.
   */
  addFile(entry: TarEntry, read: (sink: (chunk: Buffer) => void) => void): void {
    if (entry.size === 0) {
      read(() => undefined);
      this.add(entry);
      return;
    }
    this.#raw(encodeTarHeader(entry));
    this.#crc.init();
    read((chunk) => {
      this.#sha.update(chunk);
      this.#crc.update(chunk);
    });
    this.#tarSize += entry.size;
    this.#contentSize += entry.size;
    this.#split.file(entry.name, entry.size, this.#crc.digest());
    const padding = tarPadding(entry.size);
    if (padding.length > 0) this.#raw(padding);
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

  finish(): WrittenLayer {
    this.#raw(TAR_END);
    return this.#written(this.#split.finish());
  }

  /** As `finish`, also where tar-split is compressed aside. */
  async finished(): Promise<WrittenLayer> {
    this.#raw(TAR_END);
    return this.#written(await this.#split.finished());
  }

  #written(tarSplit: Buffer): WrittenLayer {
    return {
      diffId: `sha256:${this.#sha.digest()}`,
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
    this.#sha.update(bytes);
    this.#split.segment(bytes);
    this.#tarSize += bytes.length;
  }
}
