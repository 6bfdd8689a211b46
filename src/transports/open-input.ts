import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import type { Store } from '../store/store.ts';
import { decompress, detectCompression } from './decompress.ts';

const CHUNK = 1 << 20;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** A file, or standard input (`-`), opened for reading. `close` ends what was opened here. */
export interface Input {
  readonly fd: number;
  close(): void;
}

export function openInput(input: string): Input {
  if (input === '-') return { fd: 0, close: () => {} };
  try {
    const fd = openSync(input, 'r');
    return { fd, close: () => closeSync(fd) };
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw ioError(error, `open ${input}`);
    throw new LayerlabError('LL_IO', `open ${input}: no such file or directory`, { cause: error });
  }
}

/** The bytes of an open file from where it stands, in pieces; a piece is valid until the next is asked for. */
export function* readChunks(fd: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    const count = readSome(fd, buffer);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

/**
 * The same content in a file that can be read at any place and is not compressed: the input itself where it is one already,
 * else a temporary file of the data-root, whose name is gone as soon as it is open.
 */
export async function seekableInput(store: Store, input: string): Promise<Input> {
  const opened = openInput(input);
  try {
    const head = Buffer.alloc(6);
    if (fstatSync(opened.fd).isFile() && input !== '-') {
      const count = readSync(opened.fd, head, 0, head.length, 0);
      if (detectCompression(head.subarray(0, count)) === 'plain') return opened;
    }
    const spool = await spoolInput(store, opened.fd);
    opened.close();
    return spool;
  } catch (error) {
    opened.close();
    throw ioError(error, `reading ${input}`);
  }
}

async function spoolInput(store: Store, source: number): Promise<Input> {
  const path: ByteString = `${store.paths.tmp}/${store.lease().id}-input`;
  const fd = openSync(fsPath(path), 'wx+', 0o600);
  const remove = (): void => rmSync(fsPath(path), { force: true });
  const close = (): void => {
    closeSync(fd);
    remove();
  };
  try {
    if (process.platform !== 'win32') remove();
    for await (const chunk of decompress(readChunks(source)).chunks) {
      for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
    }
    return { fd, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A pipe that another program has set to non-blocking says EAGAIN while it is empty. */
function readSome(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer, 0, buffer.length, null);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EOF') return 0;
      if (errno !== 'EAGAIN') throw ioError(error, 'reading the input');
      Atomics.wait(nap, 0, 0, 5);
    }
  }
}
