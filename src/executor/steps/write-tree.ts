import { countAhead } from '../../committer/ahead/files-ahead.ts';
import { openWriters, type Writers } from '../../committer/ahead/open-writers.ts';
import type { LayerResult } from '../../committer/layer-result.ts';
import {
  type BegunChange,
  type WriteChangeOptions,
  writeChange,
  writeChangeAhead,
} from '../../committer/write-change.ts';
import { flushAside } from '../../host/flush-aside.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { Snapshot } from '../../store/overlay2.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import { commitLayer } from '../commit-layer.ts';
import { copyProgress } from './copy-progress.ts';
import type { BegunLayer } from './early-layer.ts';
import { MANY_FILES } from './look-at-sources.ts';
import type { StepwisePlan } from './plan-in-steps.ts';

/** How far a layer is before it is written. */
export interface BegunTree {
  /** What is not planned yet; undefined: all is. */
  readonly rest?: StepwisePlan | undefined;
  /** The layer's snapshot, where files stand in it that `writers` wrote. */
  readonly started?: BegunLayer | undefined;
  /** Threads that run already. */
  readonly writers?: Writers | undefined;
  /** See WriteChangeOptions. */
  readonly onWait?: ((nodes: number) => void) | undefined;
}

async function writeByThreads(
  tree: ChangeTree,
  options: WriteChangeOptions,
  begun: Writers | undefined,
  change: BegunChange,
): Promise<LayerResult> {
  const writers = begun ?? openWriters();
  if (writers === undefined) return writeChange(tree, options);
  try {
    return await writeChangeAhead(tree, options, writers, change);
  } finally {
    await writers.close();
  }
}

/** As many small files as are worth telling threads of that run already. */
const SOME_FILES = 100;

/** Writes a planned change as a layer; what is not planned yet is planned meanwhile. */
export function writeTree(
  env: BuildEnv,
  stack: LayerStack,
  tree: ChangeTree,
  dropEmpty: boolean,
  report: StepReporter | undefined,
  { rest, started, writers, onWait }: BegunTree = {},
): Promise<BuiltLayer | undefined> {
  const fill = (snapshot: Snapshot): LayerResult | Promise<LayerResult> => {
    const isPlanned = (): boolean => rest?.isWhole() !== false;
    const options: WriteChangeOptions = {
      diff: snapshot.diff,
      faithful: !env.store.projected,
      dialect: env.dialect,
      crc: env.crc,
      latestTime: env.timestamp,
      asFromTar: env.builder === 'classic',
      signal: env.signal,
      ...(report === undefined ? {} : copyProgress(report, tree, isPlanned)),
      ...(onWait === undefined ? {} : { onWait }),
      // The first small file that is flushed with a layer's record.
      onPlaced: () => flushAside(`${snapshot.dir}/link`),
    };
    if (started !== undefined) return writeByThreads(tree, options, writers, { early: started.files });
    const helpers = countAhead(tree.root, SOME_FILES) >= SOME_FILES ? env.help?.writers() : undefined;
    if (helpers !== undefined) return writeChangeAhead(tree, options, helpers);
    return isPlanned() && countAhead(tree.root, MANY_FILES) < MANY_FILES
      ? writeChange(tree, options)
      : writeByThreads(tree, options, writers, { rest });
  };
  return commitLayer(env, stack, dropEmpty, fill, started?.snapshot);
}
