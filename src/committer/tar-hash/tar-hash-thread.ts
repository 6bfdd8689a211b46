import { parentPort, workerData } from 'node:worker_threads';
import { openSha256 } from '../../formats/sha256.ts';
import { ioError } from '../../host/io-error.ts';
import { useNodeLibraries } from '../../host/node-libraries.ts';
import type { TarHashAnswer } from './tar-hasher.ts';
import { readTar, type TarRecipe } from './tar-recipe.ts';

// A thread that reads what a copy would write, and gives the digest of the layer: a file of its own beside the bundle.

/** One number; not 0 once what is still to do need not be done. */
const stop = workerData as Int32Array;

function answer(recipe: TarRecipe): TarHashAnswer {
  const hash = openSha256();
  try {
    const isRead = readTar(recipe, hash.update, () => Atomics.load(stop, 0) !== 0);
    return { digest: isRead ? `sha256:${hash.digest()}` : undefined, failure: undefined };
  } catch (error) {
    const { code, message, hint } = ioError(error, 'reading what is copied');
    return { digest: undefined, failure: { code, message, hint } };
  }
}

useNodeLibraries();
parentPort?.on('message', (message: TarRecipe | 'close') => {
  if (message === 'close') parentPort?.close();
  else parentPort?.postMessage(answer(message));
});
