import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { randomHex } from '../formats/random.ts';
import { ioError } from '../host/io-error.ts';

/** Where an archive goes. Bytes that are handed over may be overwritten once `write` is back. */
export interface ArchiveOutput {
  /** A promise only where the receiver has to be waited for. */
  write(bytes: Buffer): undefined | Promise<void>;
  /** Everything was written: make it visible. */
  finish(): Promise<void>;
  /** Something failed: leave nothing behind. */
  abort(): void;
}

const STAGE = 1 << 20;

/** A file, written under another name beside it and renamed at the end; what is no regular file (a pipe) is written directly. */
export function fileOutput(path: string): ArchiveOutput {
  const direct = isSpecial(path);
  const target = direct ? path : `${path}.tmp-${randomHex(6)}`;
  let fd: number | undefined;
  try {
    fd = openSync(target, direct ? 'w' : 'wx', 0o600);
  } catch (error) {
    throw ioError(error, `writing ${path}`);
  }
  const file = fd;
  const stage = staged((bytes) => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    return undefined;
  });
  const close = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    write: (bytes) => {
      try {
        return stage.write(bytes);
      } catch (error) {
        throw ioError(error, `writing ${path}`);
      }
    },
    finish: async () => {
      try {
        stage.flush();
        if (!direct) fsyncSync(file);
        close();
        if (!direct) renameSync(target, path);
      } catch (error) {
        throw ioError(error, `writing ${path}`);
      }
    },
    abort: () => {
      close();
      if (!direct) rmSync(target, { force: true });
    },
  };
}

/** A stream, which is not ended. */
export function streamOutput(stream: Writable): ArchiveOutput {
  let failure: Error | undefined;
  const onError = (error: Error): void => {
    failure ??= error;
  };
  stream.on('error', onError);
  const stage = staged((bytes) => {
    if (failure !== undefined) throw failure;
    if (stream.write(Buffer.from(bytes))) return undefined;
    return once(stream, 'drain').then(() => undefined);
  });
  const release = (): void => {
    stream.off('error', onError);
  };
  return {
    write: stage.write,
    finish: async () => {
      await stage.flush();
      await new Promise<void>((done, failed) => stream.write('', (error) => (error == null ? done() : failed(error))));
      release();
    },
    abort: release,
  };
}

type Sink = (bytes: Buffer) => undefined | Promise<void>;

/** Gathers small pieces into large ones. */
function staged(sink: Sink): { readonly write: Sink; readonly flush: () => undefined | Promise<void> } {
  const stage = Buffer.allocUnsafe(STAGE);
  let length = 0;
  const flush = (): undefined | Promise<void> => {
    const bytes = stage.subarray(0, length);
    length = 0;
    return bytes.length === 0 ? undefined : sink(bytes);
  };
  const put = (bytes: Buffer): undefined | Promise<void> => {
    if (bytes.length >= STAGE) return sink(bytes);
    bytes.copy(stage, length);
    length += bytes.length;
    return undefined;
  };
  return {
    flush,
    write: (bytes) => {
      const waiting = length + bytes.length > STAGE ? flush() : undefined;
      return waiting === undefined ? put(bytes) : waiting.then(() => put(bytes));
    },
  };
}

function isSpecial(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile();
}
