import type { BuildOptions } from '../engine/build-options.ts';
import { solveError } from '../engine/solve-error.ts';
import { isRemoteContext } from './build-flags.ts';
import type { CommandContext } from './command.ts';
import { chooseProgress } from './progress/choose-progress.ts';

type Followed = Pick<BuildOptions, 'context' | 'contextArchive' | 'signal' | 'onEvent'>;

/**
 * Does something with a build context that may have to be fetched first: with progress as a build shows it, and until the
 * user stops it. A folder is only handed on.
 */
export async function following<T extends Followed, R>(
  options: T,
  context: CommandContext,
  work: (options: T) => Promise<R>,
): Promise<R> {
  const isFetched = options.context !== undefined && isRemoteContext(options.context);
  if (!isFetched && options.contextArchive === undefined) return work(options);
  const progress = chooseProgress('auto', 'buildkit', context);
  const signal = context.catchSignals();
  try {
    const result = await work({ ...options, signal, onEvent: (event) => progress.event(event) });
    progress.finish(false);
    return result;
  } catch (error) {
    progress.finish(true);
    throw signal.aborted ? error : solveError(error, '28');
  }
}
