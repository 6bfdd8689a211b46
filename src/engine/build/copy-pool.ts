import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { StepReporter } from '../../executor/build-env.ts';
import type { StepOutcome } from '../../executor/steps/copy-step.ts';
import { type CopyJob, type CopyMessage, type CopySetup, toError } from './copy-job.ts';

/** Threads that copy the files of several stages at once; they start when they are first needed. */
export interface CopyPool {
  /** Does a COPY or ADD in a thread that has nothing to do, or in the next that has. Throws what it throws. */
  copy(job: Omit<CopyJob, 'id'>, report: StepReporter): Promise<StepOutcome>;
  /** Ends the threads; what their leases held is held by them no longer. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  /** What it is at: one job at a time. */
  current: Waiting | undefined;
}

interface Waiting {
  readonly job: CopyJob;
  readonly report: StepReporter;
  readonly resolve: (outcome: StepOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Each takes 25 to 40 MB, and this thread has commands to look after. */
const MOST_THREADS = 3;

/** Undefined where the thread's file is not beside this one, as when the sources are run as they are. */
export function openCopyPool(setup: Omit<CopySetup, 'stop'>, signal: AbortSignal | undefined): CopyPool | undefined {
  const file = fileURLToPath(new URL('./copy-worker.cjs', import.meta.url));
  if (!existsSync(file)) return undefined;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = (): void => void Atomics.store(stop, 0, 1);
  signal?.addEventListener('abort', onAbort, { once: true });
  const most = Math.min(Math.max(2, availableParallelism() - 1), MOST_THREADS);
  const threads: Thread[] = [];
  const queue: Waiting[] = [];
  let last = 0;

  const next = (): void => {
    while (queue.length > 0) {
      const thread =
        threads.find(({ current }) => current === undefined) ?? (threads.length < most ? start() : undefined);
      const waiting = thread === undefined ? undefined : queue.shift();
      if (thread === undefined || waiting === undefined) return;
      thread.current = waiting;
      thread.worker.postMessage(waiting.job);
    }
  };
  const start = (): Thread => {
    const worker = new Worker(file, {
      workerData: { ...setup, stop },
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const thread: Thread = { worker, ended, current: undefined };
    worker.on('message', (message: CopyMessage) => {
      const waiting = thread.current;
      if (message.kind === 'status') return waiting?.report.status(...message.status);
      thread.current = undefined;
      if (message.kind === 'done') waiting?.resolve(message.outcome);
      else waiting?.reject(toError(message.failure));
      next();
    });
    worker.on('error', (error) => thread.current?.reject(error));
    worker.on('exit', (code) => {
      thread.current?.reject(new LayerlabError('LL_IO', `a copying thread ended with code ${code}`));
    });
    threads.push(thread);
    return thread;
  };
  return {
    copy: (job, report) =>
      new Promise((resolve, reject) => {
        last += 1;
        queue.push({ job: { ...job, id: last }, report, resolve, reject });
        next();
      }),
    close: async () => {
      signal?.removeEventListener('abort', onAbort);
      for (const { worker } of threads) worker.postMessage('close');
      await Promise.all(threads.map(({ ended }) => ended));
    },
  };
}
