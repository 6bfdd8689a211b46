import { parentPort, workerData } from 'node:worker_threads';
import { loadCrc64 } from '../../formats/crc64.ts';
import { ioError } from '../../host/io-error.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { type ListWork, readLists } from '../hash-thread/list-reader.ts';
import { PartReader } from '../part-reader.ts';
import type { EarlyBatch } from './early-batch.ts';
import type { BatchAnswer, FileBatch, Removal } from './file-batch.ts';
import { placeBatch } from './place-batch.ts';
import { placeEarly } from './place-early.ts';

// A thread that copies small files for the one that makes a layer: a file of its own beside the bundle.

/** One number; not 0 once what is still to do need not be done. */
const stop = workerData as Int32Array;
const isStopped = (): boolean => Atomics.load(stop, 0) !== 0;
const opened = loadCrc64().then((create) => create());
const parts = new PartReader();

async function answer(work: FileBatch | EarlyBatch | ListWork | Removal): Promise<BatchAnswer> {
  try {
    if ('folder' in work) removeTree(work.folder);
    else if ('lists' in work) readLists(work, await opened, isStopped);
    else if ('sums' in work) placeEarly(work, await opened, parts, isStopped);
    else placeBatch(work, isStopped);
    return { failure: undefined };
  } catch (error) {
    const { code, message, hint } = ioError(error, 'writing to the layer');
    return { failure: { code, message, hint } };
  }
}

parentPort?.on('message', (message: FileBatch | EarlyBatch | ListWork | Removal | 'close') => {
  if (message === 'close') parentPort?.close();
  else void answer(message).then((done) => parentPort?.postMessage(done));
});
