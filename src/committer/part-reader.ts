import { closeSync, fstatSync, readSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import { ioError } from '../host/io-error.ts';
import { openFile } from '../host/open-file.ts';
import type { PartSource } from '../snapshot/change-node.ts';

const CHUNK = 256 * 1024;

/** What tells that an open file is still the one that was looked into: device, inode, size and time of modification. */
export function fileStamp(fd: number): string {
  const { dev, ino, size, mtimeNs } = fstatSync(fd, { bigint: true });
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/** Reads contents that lie one beside the other in one file, which stays open from one to the next. */
export class PartReader {
  #source: PartSource | undefined;
  #fd: number | undefined;
  #buffer: Buffer | undefined;

  /**
   * Gives `size` bytes from `offset` on to a sink, in pieces; the buffer is used again for the next piece.
   *
   * @param room where the next piece is read to, if not to a buffer of this reader's own
   * @throws LL_CONTEXT where the file is not the one any more that was looked into
   */
  read(
    source: PartSource,
    offset: number,
    size: number,
    sink: (chunk: Buffer) => void,
    room: () => Buffer = () => this.#ownRoom(),
  ): void {
    try {
      const fd = this.#open(source);
      for (let done = 0; done < size; ) {
        const into = room();
        const count = readSync(fd, into, 0, Math.min(size - done, into.length), offset + done);
        if (count === 0) throw changed(source.path);
        done += count;
        sink(into.subarray(0, count));
      }
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(source.path)}`);
    }
  }

  /** As `read`, a content as long as a buffer into that buffer. */
  readInto(source: PartSource, offset: number, into: Buffer): void {
    try {
      const fd = this.#open(source);
      for (let done = 0; done < into.length; ) {
        const count = readSync(fd, into, done, into.length - done, offset + done);
        if (count === 0) throw changed(source.path);
        done += count;
      }
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(source.path)}`);
    }
  }

  /** Call it last of all: a file that was altered while it was read is no content of a layer. Throws LL_CONTEXT. */
  check(): void {
    // A file of ours that still grows has no stamp yet.
    if (this.#fd === undefined || this.#source === undefined || this.#source.stamp === '') return;
    if (fileStamp(this.#fd) !== this.#source.stamp) throw changed(this.#source.path);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#source = undefined;
  }

  #ownRoom(): Buffer {
    this.#buffer ??= Buffer.allocUnsafeSlow(CHUNK);
    return this.#buffer;
  }

  #open(source: PartSource): number {
    if (this.#fd !== undefined && this.#source === source) return this.#fd;
    this.check();
    this.close();
    const fd = openFile(source.path);
    this.#fd = fd;
    this.#source = source;
    this.check();
    return fd;
  }
}

function changed(path: ByteString): LayerlabError {
  return new LayerlabError('LL_CONTEXT', `${fromByteString(path)} changed while it was read`);
}
