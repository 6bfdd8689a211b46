import { availableParallelism } from 'node:os';
import { openWriters, type Writers } from '../../committer/ahead/open-writers.ts';
import { openTarHasher, type TarHasher } from '../../committer/tar-hash/tar-hasher.ts';
import type { Weight } from '../../executor/copy/weigh-sources.ts';
import type { CopyPool } from './copy-pool.ts';
import { openTurns } from './turns.ts';

/** The threads that help with a copy; neither: it is done here. */
export interface LaneHelp {
  /** Its threads do the whole copy. */
  readonly pool?: CopyPool | undefined;
  /** They copy small files for this one; undefined: none. They may begin only when they are asked for. */
  readonly writers?: () => Writers | undefined;
  /** It reads and hashes what may not have to be written; undefined: none, or none yet. */
  readonly hasher?: () => TarHasher | undefined;
  /** The pool, for a copy that turns out to be large. */
  readonly openPool?: () => CopyPool | undefined;
}

/** What works in this thread, and the threads that help it where several copies can be done at once. */
export interface CopyLanes {
  /**
   * Does a piece of work when it is its turn.
   *
   * @param weigh says what is to be copied, of what the build cache does not know
   * @param isLikelyKept whether files of medium weight may only have to be read: then no thread begins before one is asked for
   */
  run<T>(weigh: () => Weight, work: (help: LaneHelp) => Promise<T>, isLikelyKept?: () => boolean): Promise<T>;
  /** Ends the threads when none is used any more, to have their memory back; they begin anew if they are needed once more. */
  release(): void;
  /** To be called when nothing is worked on: returns when no thread runs any more. */
  close(): Promise<void>;
}

/** While the threads copy the files of one, the next is planned here. */
const PREPARED_AT_ONCE = 2;
/** A third costs as much to begin as it copies. */
const WRITERS = 2;

/**
 * Several copies at once have help: large ones are done by threads of `openPool`, for the files of smaller ones there are
 * writers. All else is done here, one piece after the other.
 *
 * @param onBusy called when copies begin to have help, with the weight of the first: much is to come that no cache knows
 * @param startWriters gives undefined where there can be none: then all is done here. What is idle at one moment is not asked: commands
 *   come and go, and all of this takes longer the busier the processors are
 */
export function openCopyLanes(
  openPool: () => CopyPool | undefined,
  onBusy: (weight: Weight) => void,
  startWriters: () => Writers | undefined = () => openWriters(Math.min(WRITERS, availableParallelism() - 1), WRITERS),
  startHasher: () => TarHasher | undefined = openTarHasher,
): CopyLanes {
  const inTurn = openTurns();
  const prepared = openTurns(PREPARED_AT_ONCE);
  let waiting = 0;
  let helped = 0;
  let pool: CopyPool | undefined;
  let writers: Writers | undefined;
  let hasher: TarHasher | undefined;
  let isReleased = false;
  let isBusy = false;
  const ending: Promise<void>[] = [];
  const end = (): void => {
    for (const threads of [pool, writers, hasher]) if (threads !== undefined) ending.push(threads.close());
    pool = undefined;
    writers = undefined;
    hasher = undefined;
  };
  const thePool = (): CopyPool | undefined => {
    pool ??= openPool();
    return pool;
  };
  const theWriters = (): Writers | undefined => {
    writers ??= startWriters();
    return writers;
  };
  /** What the pool does takes no time of this thread. */
  const goElsewhere = (leave: () => void): CopyPool | undefined => {
    const found = thePool();
    if (found !== undefined) leave();
    return found;
  };
  const withHelp = async <T>(weight: Weight, work: () => Promise<T>): Promise<T> => {
    if (!isBusy) onBusy(weight);
    isBusy = true;
    helped += 1;
    try {
      return await work();
    } finally {
      helped -= 1;
      if (isReleased && helped === 0) end();
    }
  };
  return {
    run: async (weigh, work, isLikelyKept) => {
      waiting += 1;
      try {
        // Whoever else is about to begin has done so by then.
        await new Promise((resolve) => setImmediate(resolve));
        const weight = waiting > 1 || writers !== undefined ? weigh() : 'light';
        if (weight === 'heavy' && thePool() !== undefined) return await withHelp(weight, () => work({ pool }));
        const isLate = weight === 'medium' && writers === undefined && isLikelyKept?.() === true;
        if (weight === 'medium' && (isLate || theWriters() !== undefined)) {
          if (isLate) hasher ??= startHasher();
          const theHasher = (): TarHasher | undefined => (hasher?.isReady() === true ? hasher : undefined);
          const help = { writers: theWriters, hasher: theHasher };
          return await withHelp(weight, () =>
            prepared((leave) => work({ ...help, openPool: () => goElsewhere(leave) })),
          );
        }
        return await inTurn(() => work({}));
      } finally {
        waiting -= 1;
      }
    },
    release: () => {
      isReleased = true;
      if (helped === 0) end();
    },
    close: async () => {
      end();
      await Promise.all(ending);
    },
  };
}
