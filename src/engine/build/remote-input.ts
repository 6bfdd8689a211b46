import { mkdirSync, rmSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { parseGitUrl } from '../../formats/git-url.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { openStore } from '../../store/store.ts';
import type { BuildOptions } from '../build-options.ts';
import type { VertexLog } from './progress.ts';
import type { BuildInput } from './read-input.ts';

/** A Dockerfile and a context that came from elsewhere. `close` removes what lies around of them. */
export interface RemoteInput {
  readonly input: Pick<BuildInput, 'fileName' | 'text'> & { readonly context: FileTree };
  close(): void;
}

/** What opening a context from elsewhere takes. */
export interface RemoteContext {
  readonly options: BuildOptions;
  readonly builder: 'buildkit' | 'classic';
  readonly log: VertexLog;
  /** A folder of this build's own, removed at its end. */
  readonly scratch: ByteString;
}

/** Whether the context is no folder of this host: a tar, a repository, a URL, or (classic) the Dockerfile alone. */
export function comesFromElsewhere({ context, contextArchive, builder }: BuildOptions): boolean {
  if (contextArchive !== undefined) return true;
  if (context === undefined) return builder === 'classic';
  return /^https?:\/\//.test(context) || parseGitUrl(context) !== undefined;
}

/**
 * Fetches the context into the data-root's temporary folder and finds the Dockerfile in it.
 *
 * @throws LL_FETCH, LL_CONTEXT in docker's words; LL_TAR, LL_LIMIT and more for what is in a tar
 */
export async function openRemoteInput(options: BuildOptions, log: VertexLog): Promise<RemoteInput> {
  const builder = options.builder ?? 'buildkit';
  const store = openStore(options.dataRoot, { mode: 'write' });
  const scratch = `${store.paths.tmp}/${store.lease().id}-context`;
  const close = (): void => {
    rmSync(fsPath(scratch), { recursive: true, force: true });
    store.close();
  };
  try {
    mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
    const { openContext } = await import('./remote-context.ts');
    return { input: await openContext({ options, builder, log, scratch }), close };
  } catch (error) {
    close();
    if (options.signal?.aborted)
      throw new LayerlabError('LL_INTERRUPTED', 'the build was interrupted', { cause: error });
    throw error;
  }
}
