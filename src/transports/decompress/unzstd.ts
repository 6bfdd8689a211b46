import { Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { LayerlabError } from '../../errors/layerlab-error.ts';

/** What Node has from 22.15 on; its types come later than Node 20's. */
type ZlibWithZstd = typeof zlib & { createZstdDecompress?: () => Transform };

/** Decompresses zstd: by Node itself where it can, else in WebAssembly. Throws LL_ARCHIVE for damaged data. */
export async function* unzstd(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const native = (zlib as ZlibWithZstd).createZstdDecompress;
  try {
    if (native === undefined) yield* unzstdWasm(source);
    else yield* Readable.from(source, { objectMode: true }).pipe(native());
  } catch (cause) {
    if (cause instanceof LayerlabError) throw cause;
    throw new LayerlabError('LL_ARCHIVE', `zstd data is damaged: ${(cause as Error).message}`, { cause });
  }
}

/** An empty skippable frame: it makes the decoder hand out all that it still holds of the frame before. */
const LAST_FRAME = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
/** On damaged data the decoder stands still, and gives nothing for ever. */
const MOST_EMPTY = 64;

async function* unzstdWasm(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  let empty = 0;
  const input = function* (): Generator<Uint8Array> {
    for (const chunk of source) {
      empty = 0;
      if (chunk.length > 0) yield chunk;
    }
    yield LAST_FRAME;
  };
  for (const chunk of decoder.decodeStreaming(input())) {
    if (chunk.length > 0) {
      empty = 0;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } else if (++empty > MOST_EMPTY) {
      throw new Error('no progress');
    }
  }
}
