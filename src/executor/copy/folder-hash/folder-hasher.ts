import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { idleProcessors } from '../../../host/idle-processors.ts';
import { type FolderHash, type FolderJob, hashFolder } from './hash-folder.ts';

/** Hashes what copies of folders would give, in threads that run by then, else in this one. */
export interface FolderHasher {
  /** Whether several copies were told of, so that much is to come. */
  readonly isBusy: boolean;
  /** As `hashFolder`; an abort may end it without an answer, and so may a few first folders that are none of those asked for. */
  hash(job: FolderJob, signal?: AbortSignal): Promise<FolderHash | undefined>;
  /** Tells the threads to end: no more is to be hashed. */
  release(): void;
  /** Returns when all threads have ended; what they were not through with is left out. */
  close(): Promise<void>;
}

export interface FolderHashAnswer {
  readonly found: FolderHash | undefined;
}

/** It begins while the build is planned; a second takes more to begin than it does. */
const MOST_THREADS = 1;
/**
 * So many folders, the first ones of a build, that are others than an earlier build's: the rest of the context is taken to be another as well,
 * and a thread less is worth more than asking it.
 */
const ENOUGH_MISSES = 3;
/** Jobs of one thread: it goes on with the second at once when this thread has no time for it. */
const AT_ONCE = 2;

let warm: readonly Thread[] | undefined;

/** Starts the threads for copies that are to come soon, so that they are there by then; `endWarmFolderHasher` ends what nobody took. */
export function warmFolderHasher(): void {
  const file = fileURLToPath(new URL('./folder-hash-thread.cjs', import.meta.url));
  if (warm !== undefined || !isMainThread) return;
  warm = existsSync(file) ? startThreads(file, Math.min(idleProcessors(MOST_THREADS), MOST_THREADS)) : [];
}

/** Returns when no thread runs that was begun ahead and not taken. */
export async function endWarmFolderHasher(): Promise<void> {
  const unused = warm;
  warm = undefined;
  await Promise.all((unused ?? []).map((thread) => thread.close()));
}

/** Takes the threads that were begun. */
export function openFolderHasher(): FolderHasher {
  const threads = warm;
  warm = undefined;
  return folderHasher(threads ?? [], threads !== undefined);
}

interface Queued {
  readonly job: FolderJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (found: FolderHash | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A hasher with these threads. */
export function folderHasher(begun: readonly Thread[], isBusy = false): FolderHasher {
  let threads = begun;
  const ending: Promise<void>[] = [];
  /** In the order of asking: what is asked for first is waited for first. */
  const queue: Queued[] = [];
  let misses = 0;
  const isHopeless = (): boolean => misses >= ENOUGH_MISSES;
  const take = (): Queued | undefined => {
    for (;;) {
      const first = queue.shift();
      if (first === undefined || (first.signal?.aborted !== true && !isHopeless())) return first;
      first.resolve(undefined);
    }
  };
  const tell = ({ resolve }: Queued, found: FolderHash | undefined): void => {
    if (found !== undefined) misses = Number.NEGATIVE_INFINITY;
    else misses += 1;
    if (misses === ENOUGH_MISSES) release();
    resolve(found);
  };
  /** Gives threads what they are free for; false where none answers (yet). */
  const handOut = (): boolean => {
    const ready = threads.filter((thread) => thread.isReady());
    for (;;) {
      const free = ready.filter((thread) => thread.waiting() < AT_ONCE);
      const first = free.length === 0 ? undefined : take();
      if (first === undefined) return ready.length > 0;
      const thread = free.reduce((best, one) => (one.waiting() < best.waiting() ? one : best));
      void thread.hash(first.job).then((found) => {
        tell(first, found);
        if (!handOut()) void work();
      });
    }
  };
  let working = false;
  /** Does here what no thread is there for. */
  const work = async (): Promise<void> => {
    if (working) return;
    working = true;
    for (;;) {
      // Whatever has come to an end meanwhile gets its turn, and a thread may have begun by now.
      await new Promise((resolve) => setImmediate(resolve));
      const first = handOut() ? undefined : take();
      if (first === undefined) break;
      try {
        tell(
          first,
          hashFolder(first.job, () => first.signal?.aborted === true),
        );
      } catch (error) {
        first.reject(error);
      }
    }
    working = false;
  };
  const release = (): void => {
    for (const thread of threads) ending.push(thread.close());
    threads = [];
  };
  return {
    isBusy,
    hash: (job, signal) =>
      new Promise((resolve, reject) => {
        queue.push({ job, signal, resolve, reject });
        if (!handOut()) void work();
      }),
    release,
    close: async () => {
      release();
      await Promise.all(ending);
    },
  };
}

interface Thread {
  /** Whether it answers by now. */
  isReady(): boolean;
  /** Jobs that it has not answered. */
  waiting(): number;
  /** Undefined too where the thread has died: who asked does without it. */
  hash(job: FolderJob): Promise<FolderHash | undefined>;
  /** Returns when it has ended. */
  close(): Promise<void>;
}

/** Starts threads of `file`. */
export function startThreads(file: string, count: number): readonly Thread[] {
  const state = new Int32Array(new SharedArrayBuffer(4 + 4 * count));
  return Array.from({ length: count }, (_, at) => startThread(file, state, at + 1));
}

function startThread(file: string, state: Int32Array, index: number): Thread {
  const worker = new Worker(file, {
    workerData: { state, index },
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    // It opens its files without Node's knowledge, and closes them.
    trackUnmanagedFds: false,
  });
  const waiting: ((found: FolderHash | undefined) => void)[] = [];
  let isOver = false;
  const over = (): void => {
    isOver = true;
    for (const resolve of waiting.splice(0)) resolve(undefined);
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', ({ found }: FolderHashAnswer) => waiting.shift()?.(found));
  worker.on('error', over);
  worker.on('exit', over);
  return {
    isReady: () => !isOver && Atomics.load(state, index) !== 0,
    waiting: () => waiting.length,
    hash: (job) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        worker.postMessage(job);
      }),
    close: () => {
      Atomics.store(state, 0, 1);
      worker.postMessage('close');
      return ended;
    },
  };
}
