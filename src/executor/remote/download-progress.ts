import type { StepReporter } from '../build-env.ts';

const INTERVAL_MS = 100;

/** Tells of a download now and then; `total` is 0 where the server does not say. */
export function downloadProgress(report: StepReporter): (bytes: number, total: number) => void {
  let last = 0;
  return (bytes, total) => {
    const isDone = total > 0 && bytes >= total;
    const now = Date.now();
    if (!isDone && now - last < INTERVAL_MS) return;
    last = now;
    report.status('downloading', bytes, total, isDone);
  };
}
