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

async function* unzstdWasm(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  for (const chunk of decoder.decodeStreaming(source)) {
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
