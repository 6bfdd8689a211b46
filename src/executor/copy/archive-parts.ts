import { closeSync, openSync } from 'node:fs';
import { writeAll } from '../../committer/copy-bytes.ts';
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
  #spool: number | undefined;
  #source: { path: ByteString; stamp: string };

  /** @param spoolPath a file that is not there yet, made only for an archive that is compressed */
  constructor(path: ByteString, spoolPath: ByteString) {
    this.#path = path;
    this.#spoolPath = spoolPath;
    this.#archive = openFile(path);
    this.#stamp = fileStamp(this.#archive);
    this.#source = { path, stamp: this.#stamp };
  }

  /** What the contents are parts of; whole when `finish` is back. */
  get source(): PartSource {
    return this.#source;
  }

  /** The bytes of the archive; a piece is valid until the next is asked for. */
  *bytes(): Generator<Buffer> {
    try {
      yield* readChunks(this.#archive);
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

  /** Throws LL_CONTEXT where the archive changed while it was read. */
  finish(): void {
    if (fileStamp(this.#archive) !== this.#stamp) {
      throw new LayerlabError('LL_CONTEXT', `${fromByteString(this.#path)} changed while it was read`);
    }
    if (this.#spool !== undefined) this.#source.stamp = fileStamp(this.#spool);
  }

  close(): void {
    closeSync(this.#archive);
    if (this.#spool !== undefined) closeSync(this.#spool);
    this.#spool = undefined;
  }
}
