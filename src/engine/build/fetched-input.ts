import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { toByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { BuildOptions } from '../build-options.ts';
import { openVertexLog } from './progress.ts';
import type { RemoteInput } from './remote-input.ts';

/** What says where a context from elsewhere is, and who follows its coming. */
export type FetchOptions = Pick<
  BuildOptions,
  'dataRoot' | 'context' | 'contextArchive' | 'file' | 'dockerfileText' | 'buildArgs' | 'signal' | 'onEvent'
>;

/**
 * Fetches a context that is no folder, as BuildKit does, for those who only look at it: nothing comes into the data-root, and
 * what lies in the host's temporary folder goes when `work` is done.
 *
 * @throws LL_FETCH, LL_CONTEXT in docker's words; LL_TAR, LL_LIMIT and more for what is in a tar; LL_INTERRUPTED by the signal
 */
export async function withFetchedInput<T>(options: FetchOptions, work: (input: RemoteInput['input']) => T): Promise<T> {
  const scratch = makeScratch();
  try {
    const { openContext } = await import('./remote-context.ts');
    const log = openVertexLog(options.onEvent);
    return work(await openContext({ options, builder: 'buildkit', log, scratch: toByteString(scratch) }));
  } catch (error) {
    if (options.signal?.aborted) throw new LayerlabError('LL_INTERRUPTED', 'interrupted', { cause: error });
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function makeScratch(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'layerlab-context-'));
  } catch (error) {
    throw ioError(error, 'making a temporary folder');
  }
}
