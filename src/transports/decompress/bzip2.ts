import { LayerlabError } from '../../errors/layerlab-error.ts';

/** The parts of seek-bzip's decoder that its one-shot `decode` is made of; they let a block be handed on before the next. */
interface Decoder {
  readonly reader: { read(bits: number): number };
  readonly streamCRC: number;
  _init_block(): boolean;
  _read_bunzip(): void;
  _start_bunzip(input: ByteSource, output: ByteSink): void;
}

interface ByteSource {
  readByte(): number;
  /** Fills the buffer as far as there is input; the number of bytes, or -1 at the end. */
  read(buffer: Uint8Array, offset: number, length: number): number;
  eof(): boolean;
}

interface ByteSink {
  writeByte(byte: number): void;
}

type DecoderClass = new (input: ByteSource, output: ByteSink) => Decoder;

const CHUNK = 1 << 18;

/**
 * Decompresses bzip2, files of several streams too, block by block: memory is bounded by a block's size (900 kB packed, some
 * tens of MB at worst unpacked). Every checksum is verified. Throws LL_ARCHIVE for damaged data.
 */
export async function* bunzip(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const { default: module } = await import('seek-bzip');
  const Bunzip = module as DecoderClass;
  const input = byteSource(source);
  const output = byteSink();
  try {
    const decoder = new Bunzip(input, output);
    for (;;) {
      if (decoder._init_block()) {
        decoder._read_bunzip();
        yield* output.take(CHUNK);
        continue;
      }
      if (decoder.reader.read(32) >>> 0 !== decoder.streamCRC >>> 0) throw new Error('bad checksum of the whole');
      if (input.eof()) break;
      decoder._start_bunzip(input, output);
    }
  } catch (cause) {
    if (cause instanceof LayerlabError) throw cause;
    throw new LayerlabError('LL_ARCHIVE', `bzip2 data is damaged: ${messageOf(cause)}`, { cause });
  }
  yield* output.take(1);
}

function byteSource(source: Iterable<Buffer>): ByteSource {
  const chunks = source[Symbol.iterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  const fill = (): boolean => {
    while (at >= chunk.length) {
      const next = chunks.next();
      if (next.done === true) return false;
      chunk = next.value;
      at = 0;
    }
    return true;
  };
  return {
    readByte: () => (at < chunk.length || fill() ? (chunk[at++] ?? -1) : -1),
    read: (buffer, offset, length) => {
      let done = 0;
      while (done < length && fill()) {
        const count = Math.min(length - done, chunk.length - at);
        buffer.set(chunk.subarray(at, at + count), offset + done);
        at += count;
        done += count;
      }
      return done === 0 ? -1 : done;
    },
    eof: () => !fill(),
  };
}

function byteSink(): ByteSink & { take(atLeast: number): Generator<Buffer> } {
  let buffer = Buffer.allocUnsafe(CHUNK);
  let length = 0;
  return {
    writeByte: (byte) => {
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      buffer[length++] = byte;
    },
    take: function* (atLeast) {
      if (length < atLeast) return;
      yield buffer.subarray(0, length);
      buffer = Buffer.allocUnsafe(CHUNK);
      length = 0;
    },
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
