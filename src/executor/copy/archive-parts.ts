import { closeSync, fstatSync, openSync } from 'node:fs';
import { writeAll } from '../../committer/copy-bytes.ts';
import { openHash, type StreamHash } from '../../committer/hash-thread/stream-hash.ts';
import { fileStamp } from '../../committer/part-reader.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import type { PartSource } from '../../snapshot/change-node.ts';
import { readChunks } from '../../transports/open-input.ts';

/**
 * The file that the contents of an archive are read from when the layer is written: the archive itself where it is a plain
 * tar, else one file that it is decompressed into. Neither needs a file for each content on the way.
 */
export class ArchiveParts {
  readonly #path: ByteString;
  readonly #spoolPath: ByteString;
  readonly #archive: number;
  readonly #stamp: string;
  readonly #hash: StreamHash | undefined;
  #spool: number | undefined;
  #source: { path: ByteString; stamp: string };

  /**
   * @param spoolPath a file that is not there yet, made only for an archive that is compressed
   * @param hashed whether `finish` tells the archive's sha256
   */
  constructor(path: ByteString, spoolPath: ByteString, hashed: boolean) {
    this.#path = path;
    this.#spoolPath = spoolPath;
    this.#archive = openFile(path);
    this.#stamp = fileStamp(this.#archive);
    this.#source = { path, stamp: this.#stamp };
    this.#hash = hashed ? openHash(fstatSync(this.#archive).size) : undefined;
  }

  /** What the contents are parts of; whole when `finish` is back. */
  get source(): PartSource {
    return this.#source;
  }

  /** The bytes of the archive; a piece is valid until the next is asked for. */
  *bytes(): Generator<Buffer> {
    try {
      for (const chunk of readChunks(this.#archive)) {
        this.#hash?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(this.#path)}`);
    }
  }

  /** Say so before the first content where the archive is compressed. */
  decompressed(): void {
    this.#spool = openSync(fsPath(this.#spoolPath), 'wx', 0o600);
    this.#source = { path: this.#spoolPath, stamp: '' };
  }

  /** Takes the next bytes of the tar. */
  take(chunk: Buffer): void {
    if (this.#spool === undefined) return;
    try {
      writeAll(this.#spool, chunk);
    } catch (error) {
      throw ioError(error, `unpacking ${fromByteString(this.#path)}`);
    }
  }

  /**
   * Gives the sha256 of the archive as it lies there, 64 hexadecimal digits, where it was asked for. Throws LL_CONTEXT where
   * the archive changed while it was read.
   */
  finish(): string | undefined {
    // What follows a compressed tar may not have been asked for.
    if (this.#hash !== undefined) for (const rest of this.bytes()) void rest;
    if (fileStamp(this.#archive) !== this.#stamp) {
      throw new LayerlabError('LL_CONTEXT', `${fromByteString(this.#path)} changed while it was read`);
    }
    if (this.#spool !== undefined) this.#source.stamp = fileStamp(this.#spool);
    return this.#hash?.digest();
  }

  close(): void {
    closeSync(this.#archive);
    this.#hash?.abandon();
    if (this.#spool !== undefined) closeSync(this.#spool);
    this.#spool = undefined;
  }
}
