import { LayerlabError } from '../../errors/layerlab-error.ts';

/** Runs what BuildKit does before it knows whether a step is in the cache; a failure to fetch says so. */
export async function loadingKey<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_FETCH') throw error;
    throw new LayerlabError(error.code, `failed to load cache key: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
