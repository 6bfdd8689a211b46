import type { RootFile } from './root-files.ts';

/** The content of an open file of a data-root, in pieces of one buffer, each valid until the next is asked for. Closes the file. */
export function* readRootFile(file: RootFile, buffer: Buffer): Generator<Buffer> {
  try {
    for (let at = 0; ; ) {
      const count = file.read(buffer, at);
      if (count === 0) return;
      at += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    file.close();
  }
}
