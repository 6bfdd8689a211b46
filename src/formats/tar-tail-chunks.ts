const BUFFER = 32 * 1024;
const CHUNK = 1024 * 1024;

/**
 * Into which pieces upstream cuts the bytes behind the end of a tar. It reads them 1 MiB at a time, but through a buffer of
 * 32 KiB that has already run ahead of the end, and so the first piece is what is left in that buffer. Where that is depends
 * on how the bytes before were read: small pieces go through the buffer, contents bypass it where they are large.
 * (vbatts/tar-split tar/asm/disassemble.go on top of Go's bufio.Reader; as seen with uncompressed layers.)
 */
export class TailChunks {
  /** Bytes that the buffer still holds. */
  #buffered = 0;
  #pieces: Buffer[] = [];
  #length = 0;
  #wanted = 0;

  /** Bytes read in small pieces: headers, extended headers, padding. */
  raw(size: number): void {
    const missing = size - this.#buffered;
    this.#buffered = missing <= 0 ? -missing : Math.ceil(missing / BUFFER) * BUFFER - missing;
  }

  /** Bytes of a content. */
  content(size: number): void {
    const missing = size - this.#buffered;
    if (missing <= 0) {
      this.#buffered = -missing;
      return;
    }
    const last = missing % BUFFER;
    this.#buffered = last === 0 ? 0 : BUFFER - last;
  }

  /** Takes bytes behind the end and yields the pieces that are complete. */
  *push(bytes: Uint8Array): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#wanted === 0) this.#wanted = this.#buffered > 0 ? this.#buffered : CHUNK;
      const piece = bytes.subarray(at, at + this.#wanted - this.#length);
      this.#pieces.push(Buffer.from(piece));
      this.#length += piece.length;
      at += piece.length;
      if (this.#length === this.#wanted) {
        yield this.rest();
        this.#buffered = 0;
        this.#wanted = 0;
      }
    }
  }

  /** The last piece, perhaps empty. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    return rest;
  }
}
