import { existsSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { ErrorCode } from '../../../errors/catalogue.ts';
import { LayerlabError } from '../../../errors/layerlab-error.ts';
import { ioError } from '../../../host/io-error.ts';

/** The two open files that the thread works with; neither is closed by it. */
export interface Inflating {
  /** What is compressed; read from its beginning, at places of the thread's own. */
  readonly source: number;
  /** An empty file that takes what comes out; undefined: the thread comes up, and waits for `into`. */
  readonly target: number | undefined;
  /** How the source is called where something is wrong with either. */
  readonly name: string;
}

/** What the thread is started with. */
export interface InflateWork extends Pick<Inflating, 'source' | 'name'> {
  /** Int32: `STATE` and `TARGET`. */
  readonly gate: SharedArrayBuffer;
}

/** How far the thread may go: there is no file to write to; it stops behind `MOST_HELD` bytes and a piece; to the end. */
export const STATE = 0;
export const WAITS = 0;
export const HELD = 1;
export const FREE = 2;
/** The number of the file that takes what comes out; not before `STATE` is more than `WAITS`. */
export const TARGET = 1;

/** Bytes of output that are not too many for an archive that nobody may ever ask for. */
export const MOST_HELD = 48 * 1024 * 1024;

export interface InflateStart {
  /** The file of the thread as it was built. */
  readonly script?: string;
  /** Whether it stops after some megabytes until `release`. */
  readonly isHeld?: boolean;
}

/** What the thread tells: so many bytes stand in the target, and perhaps that there will be no more, and why. */
export interface InflateProgress {
  readonly written: number;
  readonly isEnd: boolean;
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
}

/** A file that is decompressed into another one beside this thread. */
export interface InflateThread {
  /** What comes out, in pieces; a piece is valid until the next is asked for. Throws what `decompress` throws. */
  chunks(): AsyncGenerator<Buffer>;
  /** For a thread that was started without a target: the empty file that takes what comes out, once. */
  into(target: number): void;
  /** Lets a thread that is held go on. */
  release(): void;
  /** Returns when the thread has ended, whatever it was at, and the files can be closed. */
  close(): Promise<void>;
}

const CHUNK = 1 << 20;

/**
 * Starts the thread; undefined where the host gives none, or where its file is not beside this one, as when the sources are run as
 * they are.
 */
export function startInflateThread(files: Inflating, start: InflateStart | string = {}): InflateThread | undefined {
  const { script = ownScript(), isHeld = false } = typeof start === 'string' ? { script: start } : start;
  if (!existsSync(script)) return undefined;
  const gate = new Int32Array(new SharedArrayBuffer(8));
  let { target } = files;
  gate[TARGET] = target ?? -1;
  gate[STATE] = target === undefined ? WAITS : isHeld ? HELD : FREE;
  const workerData: InflateWork = {
    source: files.source,
    name: files.name,
    gate: gate.buffer as SharedArrayBuffer,
  };
  let worker: Worker;
  try {
    worker = new Worker(script, { workerData, env: SHARE_ENV, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  } catch {
    return undefined;
  }
  let now: InflateProgress = { written: 0, isEnd: false };
  let failure: unknown;
  let wake = (): void => {};
  const fail = (error: unknown): void => {
    if (!now.isEnd) failure ??= error;
    now = { ...now, isEnd: true };
    wake();
  };
  worker.on('message', (progress: InflateProgress) => {
    if (progress.failure !== undefined) {
      const { code, message, hint } = progress.failure;
      failure ??= new LayerlabError(code, message, hint === undefined ? {} : { hint });
    }
    now = progress;
    wake();
  });
  worker.on('error', (error) => fail(ioError(error, `unpacking ${files.name}`)));
  const allow = (state: number): void => {
    Atomics.store(gate, STATE, state);
    Atomics.notify(gate, STATE);
  };
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      fail(new LayerlabError('LL_IO', `a decompressing thread ended with code ${code}`));
      resolve();
    });
  });
  return {
    chunks: async function* () {
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (let at = 0; ; ) {
        if (target !== undefined && at < now.written) {
          const count = readSync(target, buffer, 0, Math.min(CHUNK, now.written - at), at);
          if (count === 0) throw new LayerlabError('LL_IO', 'what was decompressed became shorter');
          at += count;
          yield buffer.subarray(0, count);
        } else if (now.isEnd) break;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      if (failure !== undefined) throw failure;
    },
    into: (file) => {
      target = file;
      gate[TARGET] = file;
      allow(isHeld ? HELD : FREE);
    },
    release: () => allow(FREE),
    close: async () => {
      await worker.terminate();
      await ended;
    },
  };
}

function ownScript(): string {
  return fileURLToPath(new URL('./inflate-worker.cjs', import.meta.url));
}
