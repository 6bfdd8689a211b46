import { openWriters, type Writers } from '../../committer/ahead/open-writers.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv } from '../build-env.ts';
import type { CacheRecord } from '../cache/build-cache.ts';
import type { StampRecorder } from '../cache/source-stamp.ts';
import { openStampRecorder, provesSame, type SourceStamp, stampOf } from '../cache/source-stamp.ts';
import { holdKnownLayer } from '../commit-layer.ts';
import { ContextTree } from '../context/context-tree.ts';
import { RememberedTree } from '../context/remembered-tree.ts';
import { areMany } from '../copy/weigh-sources.ts';
import { lookForChange } from './look-for-change.ts';
import { isLikelySame } from './same-layer.ts';

/** Fewer files than this are copied before threads have begun. */
export const MANY_FILES = 1500;
/** Bytes of a manifest for a file; only those with long names take more. */
const MANIFEST_LINE = 200;

/** A first look at what a COPY takes from a folder of this host, before anything is planned. */
export interface SourcesLook {
  /** The layer that is there already, since nothing was touched. */
  readonly layer: BuiltLayer | undefined;
  /** What to plan from: it tells the same again. */
  readonly source: FileTree;
  /** Takes the stamp while the copy is planned, where it was not taken yet. */
  readonly recorder: StampRecorder | undefined;
  /** The stamp, once the copy is planned. */
  stamp(): SourceStamp | undefined;
  /** Threads for many files; they begin where nothing is kept that the plan could turn out to be. */
  writers(): Writers | undefined;
  /** Whether no layer is kept that the plan could turn out to be. */
  isNew(): boolean;
  /** To be told of the folder that the source goes into, before it is planned what comes there. */
  readonly onDestination?: (to: readonly ByteString[]) => void;
}

/** Looks at the sources of a COPY whose layers are kept under a key of the build cache. */
export function lookAtSources(env: BuildEnv, key: string, source: FileTree, action: CopyAction): SourcesLook {
  const nothing = {
    layer: undefined,
    recorder: undefined,
    stamp: () => undefined,
    writers: () => undefined,
    isNew: () => false,
  };
  if (!(source instanceof ContextTree)) return { ...nothing, source };
  const records = env.noCache ? [] : env.cache.find(key);
  const stamped = records.filter(({ stamp }) => stamp !== undefined);
  let writers: Writers | undefined;
  if (stamped.length === 0) {
    const many = records.length === 0 && !isLikelySame(env, key) ? MANY_FILES : undefined;
    const recorder = openStampRecorder(many, () => {
      writers = openWriters();
    });
    return {
      ...{ layer: undefined, source, recorder },
      stamp: once(recorder.finish),
      writers: () => writers,
      isNew: () => records.length === 0,
    };
  }
  const remembered = new RememberedTree(source);
  const changed = lookForChange(stamped.length === records.length ? records : [], () => {
    // What was many is not counted once more.
    if (wereMany(records) || areMany(source, action.sources)) writers = openWriters();
    return writers !== undefined;
  });
  const now = stampOf(remembered, action, env.profile.copies, changed.stopsAt);
  if (writers !== undefined) {
    // It is not what was kept, whatever the other files are.
    const recorder = openStampRecorder();
    let isNew = false;
    return {
      ...{ layer: undefined, source: remembered, recorder },
      stamp: once(recorder.finish),
      writers: () => writers,
      isNew: () => isNew,
      onDestination: (to) => {
        isNew = changed.isNowhere(env, to);
      },
    };
  }
  if (now === undefined) return { ...nothing, source: remembered };
  for (const record of stamped) {
    if (!provesSame(now, record.stamp, record.readAt)) continue;
    const layer = holdKnownLayer(env, record.layer);
    if (layer === undefined) continue;
    if (record !== records[0]) env.cache.use(key, record.layer);
    return { ...nothing, source, layer: { ...layer, created: record.layer.created } };
  }
  if (now.files >= MANY_FILES && records.every(({ stamp }) => isAnother(now, stamp))) writers = openWriters();
  return { ...nothing, source: remembered, stamp: () => now, writers: () => writers };
}

/** Whether the newest kept layer was made of so many files that threads are worth it. */
function wereMany([newest]: readonly CacheRecord[]): boolean {
  return newest !== undefined && newest.manifestSize() >= MANY_FILES * MANIFEST_LINE;
}

function once<T>(ask: () => T | undefined): () => T | undefined {
  let answer: T | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

function isAnother({ digest }: SourceStamp, stamp: string | undefined): boolean {
  return stamp !== undefined && stamp !== digest;
}
