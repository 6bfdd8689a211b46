import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { diskRootFiles } from '../../host/disk-root-files.ts';
import { ioError } from '../../host/io-error.ts';
import type { RootFiles } from '../../host/root-files.ts';
import { type LayerJob, type LayerVerdict, verifyLayer } from './verify-layer.ts';

export interface VerifyOptions {
  readonly files: RootFiles;
  /** Threads; as many as there are processors, up to 8, unless told. */
  readonly jobs: number | undefined;
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly bytes: number;
  readonly verdict?: LayerVerdict;
}

/**
 * Verifies layers in several threads, large ones first. Data-roots that lie in a tar, and programs that do not come with the
 * thread's own file, are done in this thread. Stops at the next layer where the signal says so.
 */
export async function verifyLayers(jobs: readonly LayerJob[], options: VerifyOptions): Promise<LayerVerdict[]> {
  const queue = jobs.toSorted((a, b) => (b.size ?? 0) - (a.size ?? 0));
  const script = new URL('./check-worker.cjs', import.meta.url);
  const count = Math.min(options.jobs ?? Math.min(availableParallelism(), 8), queue.length);
  if (count > 1 && options.files === diskRootFiles && existsSync(script)) {
    const lists = await Promise.all(Array.from({ length: count }, () => inThread(script, queue, options)));
    return lists.flat();
  }
  const verdicts: LayerVerdict[] = [];
  for (let job = queue.shift(); job !== undefined && !isAborted(options); job = queue.shift()) {
    verdicts.push(await verifyLayer(options.files, job, options.onBytes));
    // Lets a signal and the progress through.
    await new Promise((done) => setImmediate(done));
  }
  return verdicts;
}

function inThread(script: URL, queue: LayerJob[], options: VerifyOptions): Promise<LayerVerdict[]> {
  const worker = new Worker(script);
  const verdicts: LayerVerdict[] = [];
  return new Promise<LayerVerdict[]>((done, fail) => {
    const next = (): void => {
      const job = isAborted(options) ? undefined : queue.shift();
      if (job === undefined) done(verdicts);
      else worker.postMessage(job);
    };
    worker.on('message', ({ bytes, verdict }: Answer) => {
      options.onBytes(bytes);
      if (verdict === undefined) return;
      verdicts.push(verdict);
      next();
    });
    worker.on('error', (error) => fail(ioError(error, 'checking layers')));
    options.signal?.addEventListener('abort', () => done(verdicts), { once: true });
    next();
  }).finally(() => worker.terminate());
}

function isAborted({ signal }: VerifyOptions): boolean {
  return signal?.aborted === true;
}
