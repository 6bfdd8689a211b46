import { parentPort, workerData } from 'node:worker_threads';
import { useNodeLibraries } from '../../../host/node-libraries.ts';
import type { FolderHashAnswer } from './folder-hasher.ts';
import { type FolderJob, hashFolder } from './hash-folder.ts';

// A thread that hashes what copies of folders would give: a file of its own beside the bundle.

/** Two numbers: not 0 once what is still to do need not be done, and 1 once this thread answers. */
const { state, index } = workerData as { readonly state: Int32Array; readonly index: number };

function answer(job: FolderJob): FolderHashAnswer {
  return { found: hashFolder(job, () => Atomics.load(state, 0) !== 0) };
}

useNodeLibraries();
parentPort?.on('message', (message: FolderJob | 'close') => {
  if (message === 'close') parentPort?.close();
  else parentPort?.postMessage(answer(message));
});
Atomics.store(state, index, 1);
