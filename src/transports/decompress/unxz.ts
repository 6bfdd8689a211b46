import { LayerlabError } from '../../errors/layerlab-error.ts';

/** A CommonJS module: Node puts it into `default`, a bundler does not. */
type XzModule = typeof import('xz-decompress');

/** Decompresses xz in WebAssembly, as a stream. Throws LL_ARCHIVE for damaged data. */
export async function* unxz(source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const loaded: XzModule & { readonly default?: XzModule } = await import('xz-decompress');
  const { XzReadableStream } = loaded.default ?? loaded;
  const chunks = source[Symbol.iterator]();
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = chunks.next();
      if (next.done === true) controller.close();
      // The decoder keeps views of what it is given.
      else controller.enqueue(new Uint8Array(next.value));
    },
  });
  const reader = new XzReadableStream(input).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  } catch (cause) {
    if (cause instanceof LayerlabError) throw cause;
    throw new LayerlabError('LL_ARCHIVE', `xz data is damaged: ${(cause as Error).message}`, { cause });
  }
}
