import type { ByteString } from '../../formats/bytestring.ts';
import type { Crc64 } from '../../formats/crc64.ts';
import type { Digest } from '../../formats/digest.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { type TarHandler, TarReader } from '../../formats/tar-reader.ts';
import { TarSplitWriter } from '../../formats/tar-split-writer.ts';
import { tarNanoseconds } from '../../formats/tar-time.ts';
import { openHash, type StreamHash } from '../hash-thread/stream-hash.ts';
import { TreeExtractor } from './tree-extractor.ts';

export interface SunkLayer {
  readonly diffId: Digest;
  /** The whole `tar-split.json.gz`. */
  readonly tarSplit: Buffer;
  /** Bytes of the files on disk, as layerdb states a layer's size. */
  readonly size: number;
}

/** Takes a layer's tar in chunks and makes everything of it in one pass: its digest, its tar-split and its files. */
export class LayerSink implements TarHandler {
  readonly #sha: StreamHash;
  readonly #split = new TarSplitWriter();
  readonly #reader = new TarReader(this);
  readonly #crc: Crc64;
  readonly #tree: TreeExtractor;
  #name: ByteString = '';
  #dataSize = 0;

  /**
   * @param root the empty folder that gets the files
   * @param expected about how many bytes will come; where they are many, they are hashed in a thread
   */
  constructor(root: ByteString, crc: Crc64, projected: boolean, expected = 0) {
    this.#sha = openHash(expected);
    this.#crc = crc;
    this.#tree = new TreeExtractor(root, projected);
  }

  push(chunk: Buffer): void {
    this.#sha.update(chunk);
    this.#reader.push(chunk);
  }

  finish(): SunkLayer {
    this.#reader.finish();
    const size = this.#tree.finish();
    return { diffId: `sha256:${this.#sha.digest()}`, tarSplit: this.#split.finish(), size };
  }

  abort(): void {
    this.#tree.abort();
    this.#sha.abandon();
  }

  header(entry: TarEntry, raw: Buffer, dataSize: number): void {
    this.#split.segment(raw);
    this.#name = entry.name;
    this.#dataSize = dataSize;
    if (dataSize > 0) this.#crc.init();
    this.#tree.begin(entry, { seconds: entry.mtime, nanos: tarNanoseconds(entry, raw) });
  }

  globalHeader(name: ByteString, raw: Buffer): void {
    this.#split.segment(raw);
    this.#split.file(name, 0, undefined);
  }

  data(chunk: Buffer): void {
    this.#crc.update(chunk);
    this.#tree.write(chunk);
  }

  end(): void {
    this.#tree.end();
    this.#split.file(this.#name, this.#dataSize, this.#dataSize > 0 ? this.#crc.digest() : undefined);
  }

  padding(bytes: Buffer): void {
    this.#split.segment(bytes);
  }

  trailing(bytes: Buffer): void {
    this.#split.trailing(bytes);
  }
}
