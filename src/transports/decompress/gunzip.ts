import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LayerlabError } from '../../errors/layerlab-error.ts';

/** Decompresses gzip, files of several members too, by zlib's own thread. Throws LL_ARCHIVE for damaged or cut data. */
export async function* gunzip(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: 1 << 18 });
  const input = Readable.from(source, { objectMode: true, highWaterMark: 2 });
  input.on('error', (error) => unzip.destroy(error));
  try {
    for await (const chunk of input.pipe(unzip)) yield chunk;
  } catch (cause) {
    if (cause instanceof LayerlabError) throw cause;
    throw new LayerlabError('LL_ARCHIVE', `gzip data is damaged: ${(cause as Error).message}`, { cause });
  } finally {
    input.destroy();
    unzip.destroy();
  }
}
