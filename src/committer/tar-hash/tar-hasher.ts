import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Digest } from '../../formats/digest.ts';
import { idleProcessors } from '../../host/idle-processors.ts';
import type { TarRecipe } from './tar-recipe.ts';

/** A thread that reads and hashes the tars of changes, one after the other. */
export interface TarHasher {
  /** Whether the thread has begun: until then others are sooner done. */
  isReady(): boolean;
  /**
   * The digest of a tar; undefined where it is not what the recipe says (see readTar). The recipe is the thread's from then on. Throws as
   * `readTar` does.
   */
  hash(recipe: TarRecipe): Promise<Digest | undefined>;
  /** Returns when the thread has ended; what it was not through with is left out. */
  close(): Promise<void>;
}

export interface TarHashAnswer {
  readonly digest: Digest | undefined;
  /** An error as it goes from thread to thread. */
  readonly failure:
    | { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }
    | undefined;
}

interface Waiting {
  readonly resolve: (digest: Digest | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts the thread; undefined where no processor is idle, in a thread, or where the thread's file is not beside this one,
 * as when the sources are run as they are.
 */
export function openTarHasher(): TarHasher | undefined {
  const file = fileURLToPath(new URL('./tar-hash-thread.cjs', import.meta.url));
  return isMainThread && existsSync(file) && idleProcessors(1) > 0 ? startTarHasher(file) : undefined;
}

/** Starts the thread of `file`. */
export function startTarHasher(file: string): TarHasher {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(file, { workerData: stop, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  const waiting: Waiting[] = [];
  let isReady = false;
  /** Set once the thread answers no more. */
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.once('online', () => {
    isReady = true;
  });
  worker.on('message', ({ digest, failure }: TarHashAnswer) => {
    const first = waiting.shift();
    if (failure === undefined) first?.resolve(digest);
    else {
      const { code, message, hint } = failure;
      first?.reject(new LayerlabError(code, message, hint === undefined ? {} : { hint }));
    }
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new LayerlabError('LL_IO', `a hashing thread ended with code ${code}`)));
  return {
    isReady: () => isReady && failure === undefined,
    hash: (recipe) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        waiting.push({ resolve, reject });
        // Handed over, not copied: nobody needs it here any more.
        worker.postMessage(recipe, [recipe.between.buffer as ArrayBuffer, recipe.numbers.buffer as ArrayBuffer]);
      }),
    close: () => {
      Atomics.store(stop, 0, 1);
      worker.postMessage('close');
      return ended;
    },
  };
}
