import type { Download } from '../../transports/http-source.ts';
import type { StepReporter } from '../build-env.ts';

const INTERVAL_MS = 100;

/** Tells of a download now and then, and at its end. */
export interface DownloadProgress {
  /** `total` is 0 where the server does not say. */
  onProgress(bytes: number, total: number): void;
  done(download: Download): void;
}

export function downloadProgress(status: StepReporter['status']): DownloadProgress {
  let last = Date.now();
  return {
    onProgress: (bytes, total) => {
      const now = Date.now();
      if (now - last < INTERVAL_MS) return;
      last = now;
      status('downloading', bytes, total, false);
    },
    done: ({ size }) => status('downloading', size, size, true),
  };
}
