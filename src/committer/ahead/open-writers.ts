import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { idleProcessors } from '../../host/idle-processors.ts';
import type { ListWork } from '../hash-thread/list-reader.ts';
import type { EarlyBatch } from './early-batch.ts';
import type { BatchAnswer, FileBatch, Removal } from './file-batch.ts';

/** Threads that copy batches of small files. */
export interface Writers {
  /** Batches that keep all threads busy. */
  readonly depth: number;
  /** Copies a batch; batches begin in the order in which they are given. Throws what copying throws. */
  place(batch: FileBatch): Promise<void>;
  /** Reads what lists name for a thread that hashes, after what was given before, until they end or the threads are closed. */
  read(work: ListWork): Promise<void>;
  /**
   * Removes a folder that nobody knows any more, after what was given before. What cannot be removed stays, for whoever sweeps
   * the folders that killed processes left.
   */
  remove(folder: ByteString): void;
  /** Returns when no thread works any more; files that were not begun are left out. */
  close(): Promise<void>;
}

/** Threads that also put files into their places before their layer is written. */
export interface EarlyWriters extends Writers {
  /** Writes the files of a batch; it begins after what was given before. Throws what writing throws. */
  early(batch: EarlyBatch): Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** More than this share the disk and its locks, and each takes memory of its own. */
const MOST_THREADS = 3;

let warm: EarlyWriters | undefined;

/** Starts the threads for a copy that is to come soon, so that they are there by then; `endWarmWriters` ends what nobody took. */
export function warmWriters(): void {
  warm ??= startWriters(0, MOST_THREADS);
}

/** Returns when no thread runs that was begun ahead and not taken. */
export async function endWarmWriters(): Promise<void> {
  const unused = warm;
  warm = undefined;
  await unused?.close();
}

/**
 * Starts the threads, `least` of them however busy the processors are and `most` at the most; undefined where there are none to
 * start, in a thread (others copy at the same time then), or where the thread's file is not beside this one, as when the sources are run as they are.
 */
export function openWriters(least = 0, most = MOST_THREADS): EarlyWriters | undefined {
  const begun = warm;
  warm = undefined;
  return begun ?? startWriters(least, most);
}

function startWriters(least: number, most: number): EarlyWriters | undefined {
  const file = fileURLToPath(new URL('./writer-thread.cjs', import.meta.url));
  if (!isMainThread || !existsSync(file)) return undefined;
  const count = Math.min(Math.max(idleProcessors(most), least), most);
  if (count < 1) return undefined;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const threads = Array.from({ length: count }, () => startThread(file, stop));
  return {
    depth: count * 2,
    place: (batch) => leastBusy(threads).send(batch),
    early: (batch) => leastBusy(threads).send(batch),
    read: (work) => leastBusy(threads).send(work),
    remove: (folder) => {
      leastBusy(threads)
        .send({ folder })
        .catch(() => undefined);
    },
    close: async () => {
      Atomics.store(stop, 0, 1);
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

function leastBusy(threads: readonly Thread[]): Thread {
  return threads.reduce((best, thread) => (thread.waiting.length < best.waiting.length ? thread : best));
}

export interface Thread {
  readonly waiting: readonly Waiting[];
  send(work: FileBatch | EarlyBatch | ListWork | Removal): Promise<void>;
  close(): Promise<void>;
}

/** Starts one thread of `file`; `stop` is the number that it looks at (see writer-thread). */
export function startThread(file: string, stop: Int32Array): Thread {
  const worker = new Worker(file, {
    workerData: stop,
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    // It closes its files itself, and opens them without Node's knowledge.
    trackUnmanagedFds: false,
  });
  const waiting: Waiting[] = [];
  /** Set once the thread answers no more. */
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', ({ failure }: BatchAnswer) => {
    const first = waiting.shift();
    if (failure === undefined) first?.resolve();
    else {
      const { code, message, hint } = failure;
      first?.reject(new LayerlabError(code, message, hint === undefined ? {} : { hint }));
    }
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new LayerlabError('LL_IO', `a copying thread ended with code ${code}`)));
  return {
    waiting,
    send: (work) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        waiting.push({ resolve, reject });
        worker.postMessage(work);
      }),
    close: () => {
      worker.postMessage('close');
      return ended;
    },
  };
}
