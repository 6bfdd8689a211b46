import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeAll } from '../../committer/copy-bytes.ts';
import { openHash, type StreamHash, warmHash } from '../../committer/hash-thread/stream-hash.ts';
import { fileStamp } from '../../committer/part-reader.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import type { PartSource } from '../../snapshot/change-node.ts';
import { takeBegunInflating } from './inflate-thread/begun-inflating.ts';
import { type InflateThread, startInflateThread } from './inflate-thread/inflate-thread.ts';

/** Bytes of a plain archive that are read at once: little of a large content, which is passed over. */
const CHUNK = 256 * 1024;

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
  readonly #hashesAside: boolean;
  readonly #size: number;
  /** Where the next bytes are read. */
  #at = 0;
  #spool: number | undefined;
  #thread: InflateThread | undefined;
  #source: { path: ByteString; stamp: string };
  /** What nobody has asked for yet. */
  readonly #rest = this.bytes();

  /**
   * @param spoolPath a file that is not there yet, made only for an archive that is compressed
   * @param hashed whether `digest` tells the archive's sha256
   */
  constructor(path: ByteString, spoolPath: ByteString, hashed: boolean) {
    this.#path = path;
    this.#spoolPath = spoolPath;
    this.#archive = openFile(path);
    this.#stamp = fileStamp(this.#archive);
    this.#source = { path, stamp: this.#stamp };
    const { size } = fstatSync(this.#archive);
    this.#size = size;
    this.#hash = hashed ? openHash(size) : undefined;
    this.#hashesAside = this.#hash?.readsParts === true;
    if (this.#hashesAside) this.#hash?.part({ file: this.#archive, offset: 0, size });
  }

  /** What the contents are parts of; whole when `finish` is back. */
  get source(): PartSource {
    return this.#source;
  }

  /** The bytes of the archive; a piece is valid until the next is asked for. */
  *bytes(): Generator<Buffer> {
    try {
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        const count = readSync(this.#archive, buffer, 0, CHUNK, this.#at);
        if (count === 0) return;
        this.#at += count;
        const chunk = buffer.subarray(0, count);
        if (!this.#hashesAside) this.#hash?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(this.#path)}`);
    }
  }

  /**
   * Passes over the next bytes of a plain archive, of which nothing is wanted but that they are there. False, and nothing done,
   * where they have to be read.
   */
  pass(bytes: number): boolean {
    const isRead = this.#spool !== undefined || (this.#hash !== undefined && !this.#hashesAside);
    if (isRead || this.#at + bytes > this.#size) return false;
    this.#at += bytes;
    return true;
  }

  /**
   * Say so before the first content where the archive is not compressed: its layer may be there to be hashed before the archive is. To
   * unpack one takes longer, and the thread that has hashed it goes on with the layer.
   */
  plain(): void {
    if (this.#hashesAside) warmHash(this.#size);
  }

  /** Say so before the first content where the archive is compressed. */
  decompressed(): void {
    const begun = takeBegunInflating(this.#path, this.#stamp, this.#spoolPath);
    this.#thread = begun?.thread;
    this.#spool = begun?.spool ?? openSync(fsPath(this.#spoolPath), 'wx+', 0o600);
    this.#source = { path: this.#spoolPath, stamp: '' };
  }

  /** Whether the archive is being unpacked beside this thread already. */
  get isBegun(): boolean {
    return this.#thread !== undefined;
  }

  /**
   * Has a compressed archive unpacked into its file beside this thread, where that can be had; then these are the bytes of the
   * tar, and the same as would be made of `bytes` here.
   */
  unpackAside(): AsyncIterable<Buffer> | undefined {
    if (this.#spool === undefined) return undefined;
    const files = { source: this.#archive, target: this.#spool, name: fromByteString(this.#path) };
    this.#thread ??= startInflateThread(files);
    return this.#thread?.chunks();
  }

  /** Takes the next bytes of the tar. */
  take(chunk: Buffer): void {
    if (this.#thread !== undefined) {
      // This thread has time for the sum of what is packed.
      if (this.#hash !== undefined && !this.#hashesAside) this.#rest.next();
      return;
    }
    if (this.#spool === undefined) return;
    try {
      writeAll(this.#spool, chunk);
    } catch (error) {
      throw ioError(error, `unpacking ${fromByteString(this.#path)}`);
    }
  }

  /** To be called when all is unpacked. Throws LL_CONTEXT where the archive changed while it was read. */
  finish(): void {
    // What follows a compressed tar may not have been asked for.
    if (this.#hash !== undefined && !this.#hashesAside) while (this.#rest.next().done !== true);
    this.#checkUnchanged();
    if (this.#spool !== undefined) this.#source.stamp = fileStamp(this.#spool);
  }

  /** Whether `digest` is better asked for some time later: until then the archive is hashed beside other work. */
  get isStillHashed(): boolean {
    return this.#hashesAside && this.#spool === undefined;
  }

  /**
   * Behind `finish`, once: the sha256 of the archive as it lies there, 64 hexadecimal digits, where it was asked for. Throws
   * LL_CONTEXT where the archive changed while it was read.
   */
  digest(): string | undefined {
    const digest = this.#hash?.digest();
    // The thread that hashes reads for itself, and may have been behind.
    if (this.#hashesAside) this.#checkUnchanged();
    return digest;
  }

  #checkUnchanged(): void {
    if (fileStamp(this.#archive) === this.#stamp) return;
    throw new LayerlabError('LL_CONTEXT', `${fromByteString(this.#path)} changed while it was read`);
  }

  /** To be called last of all. */
  async close(): Promise<void> {
    await this.#thread?.close();
    this.#hash?.abandon();
    closeSync(this.#archive);
    if (this.#spool !== undefined) closeSync(this.#spool);
    this.#spool = undefined;
  }
}
