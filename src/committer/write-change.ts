import type { ChangeTree } from '../snapshot/change-tree.ts';
import type { EarlyFiles } from './ahead/early-files.ts';
import { FilesAhead, sizeNotAhead } from './ahead/files-ahead.ts';
import type { Writers } from './ahead/open-writers.ts';
import { ChangeWriter, type WriteChangeOptions } from './change-writer.ts';
import { keepHashWarm } from './hash-thread/stream-hash.ts';
import type { LayerResult } from './layer-result.ts';
import { LayerWriter } from './layer-writer.ts';
import { settleTimes } from './settle-times.ts';
import { writeEarly } from './write-early.ts';

export type { WriteChangeOptions } from './change-writer.ts';

/**
 * Writes a change into a snapshot's `diff` and hashes its layer tar in the same walk: each file is read once. Order as
 * Docker's tar of an overlay `diff`: depth first, names bytewise.
 */
export function writeChange(tree: ChangeTree, options: WriteChangeOptions): LayerResult {
  const layer = new LayerWriter(options.crc, options.dialect, false, tree.contentSize());
  const writer = new ChangeWriter(options, layer);
  try {
    for (const _ of writer.folder(tree.root, options.diff, ''));
    const own = writer.finish(tree.root);
    return { ...layer.finish(), ...own };
  } finally {
    writer.close();
    layer.abandon();
  }
}

/** What of a change is still to be planned. */
export interface RestOfPlan {
  /** Plans a little more; false where all of it is there. Throws what planning throws. */
  more(): boolean;
}

/** How far a layer is before it is written. */
export interface BegunChange {
  /**
   * Where the tree is not planned to its end: the folders that are still open are planned between the batches. What planning
   * throws comes before what copying throws, as if all were planned first.
   */
  readonly rest?: RestOfPlan | undefined;
  /** What stands in `diff` by now, or is on its way there, and fits (see `EarlyFiles`). */
  readonly early?: EarlyFiles | undefined;
}

/** Batches that are copied while nothing of the layer is made yet: it is known by then what it is mostly made of. */
const HELD_WHILE_PLANNED = 16;

const NOTHING_LEFT: RestOfPlan = { more: () => false };

/** As `writeChange`; other threads copy the small files, while this one makes the layer of what they read. */
export async function writeChangeAhead(
  tree: ChangeTree,
  options: WriteChangeOptions,
  writers: Writers,
  { rest = NOTHING_LEFT, early }: BegunChange = {},
): Promise<LayerResult> {
  const { diff, faithful, dialect, signal, onWait } = options;
  if (early !== undefined) {
    const whole = await writeEarly(tree, options, early, writers);
    if (whole !== undefined) return whole;
  }
  let layer: LayerWriter | undefined;
  let writer: ChangeWriter | undefined;
  let isPlanned = false;
  try {
    const ahead = new FilesAhead(tree, writers, {
      diff,
      faithful,
      dialect,
      settle: (node) => settleTimes(node, options),
      early,
    });
    const plan = (most?: number): boolean => {
      isPlanned ||= !rest.more();
      ahead.fill(most);
      return !isPlanned;
    };
    while (ahead.held < HELD_WHILE_PLANNED && plan(HELD_WHILE_PLANNED));
    // The threads are what is waited for: sha256 of their files is done in between, and needs no thread of its own. Where they
    // only read it is sha256 that is waited for.
    const expected = early === undefined ? sizeNotAhead(tree.root) : tree.contentSize();
    if (early !== undefined) keepHashWarm();
    layer = new LayerWriter(options.crc, dialect, true, expected);
    writer = new ChangeWriter(options, layer);
    writer.early = early;
    writer.ahead = ahead;
    for (const wait of writer.folder(tree.root, diff, '')) {
      if (!isPlanned) {
        plan();
        // What the threads have to say is heard in between.
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        onWait?.(writer.nodes);
        await wait;
      }
      signal?.throwIfAborted();
    }
    const own = writer.finish(tree.root);
    options.onPlaced?.();
    return { ...(await layer.finished()), ...own };
  } catch (error) {
    while (!isPlanned && signal?.aborted !== true && rest.more());
    throw error;
  } finally {
    writer?.close();
    layer?.abandon();
  }
}
