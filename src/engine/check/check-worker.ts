import { parentPort } from 'node:worker_threads';
import { diskRootFiles } from '../../host/disk-root-files.ts';
import { useNodeLibraries } from '../../host/node-libraries.ts';
import { type LayerJob, verifyLayer } from './verify-layer.ts';

// The thread's own program: layers in, verdicts out, and in between how many bytes were read.

const REPORT_BYTES = 8 << 20;

useNodeLibraries();
parentPort?.on('message', async (job: LayerJob) => {
  let unsaid = 0;
  const verdict = await verifyLayer(diskRootFiles, job, (count) => {
    unsaid += count;
    if (unsaid < REPORT_BYTES) return;
    parentPort?.postMessage({ bytes: unsaid });
    unsaid = 0;
  });
  parentPort?.postMessage({ bytes: unsaid, verdict });
});
