import type { Writers } from '../committer/ahead/open-writers.ts';
import type { TarDialect } from '../committer/tar-dialect.ts';
import type { TarHasher } from '../committer/tar-hash/tar-hasher.ts';
import type { ByteString } from '../formats/bytestring.ts';
import type { Crc64 } from '../formats/crc64.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import type { FileTree } from '../snapshot/file-tree.ts';
import type { LayerFiles } from '../snapshot/layer-files.ts';
import type { BuiltLayer } from '../store/built-layer.ts';
import type { PendingLayers } from '../store/pending-layers.ts';
import type { Store } from '../store/store.ts';
import type { BuildCache } from './cache/build-cache.ts';
import type { StatCache } from './cache/stat-cache.ts';
import type { BuildSecrets } from './mounts/build-secrets.ts';
import type { KeeperSlot } from './run/keeper.ts';
import type { RunRuntime } from './run/run-spec.ts';
import type { AheadRuns, NextRun } from './steps/ahead-runs.ts';
import type { StepOutcome } from './steps/copy-step.ts';

/** All that the steps of one build share. */
export interface BuildEnv {
  readonly builder: 'buildkit' | 'classic';
  readonly store: Store;
  readonly cache: BuildCache;
  readonly pending: PendingLayers;
  readonly crc: Crc64;
  /** What this builder and Docker version do in their own way. */
  readonly profile: BuilderProfile;
  readonly dialect: TarDialect;
  /** Undefined where the build has no context. */
  readonly context: FileTree | undefined;
  /** Hashes of the context's files from earlier builds (classic). */
  readonly stats?: StatCache | undefined;
  /** Named contexts that are folders. */
  readonly contexts: ReadonlyMap<string, FileTree>;
  /** Nanoseconds: every time that the build makes is this one, and none in a layer is later. */
  readonly timestamp: bigint | undefined;
  readonly noCache: boolean;
  readonly runtime: RunRuntime;
  readonly keeper: KeeperSlot;
  /** What RUN may mount as secrets and ssh agents. */
  readonly secrets: BuildSecrets;
  /** A folder of this step's own on the file system of the snapshots; made by whoever needs it, removed at its end. */
  readonly scratch: ByteString;
  readonly signal: AbortSignal | undefined;
  /** Whether this process cannot see all of a layer in its `diff`, so that tar-split has to be asked. */
  readonly readsHeaders: boolean;
  /** Cache-ids of snapshots that commands filled, whose files the kernel need not have written to the disk yet. */
  readonly unflushed: Set<string>;
  /** Help for a copy, where several are done at once. */
  readonly help?: CopyHelp | undefined;
  /** Layers whose headers were read, by cache-id. */
  readonly opened: Map<string, LayerFiles>;
  /** Commands that may be begun before their step; undefined: none. */
  readonly ahead?: AheadOfStep;
}

/** What a step may begin for the one behind it, and what was begun for itself. */
export interface AheadOfStep {
  readonly runs: AheadRuns;
  /** What this step is known by. */
  readonly id: string;
  /** The step that may begin when the files of this one are settled; undefined: none. */
  next(): NextRun | undefined;
}

/** Threads that help with a copy. */
export interface CopyHelp {
  /** They copy small files; undefined where there are none. */
  writers(): Writers | undefined;
  /** It reads and hashes what may not have to be written; undefined where there is none (yet). */
  hasher(): TarHasher | undefined;
  /** Has a copy done whole in a thread of its own, which pays where there are many bytes; undefined where that cannot be. */
  readonly handOver: (() => Promise<StepOutcome> | undefined) | undefined;
}

/** The layers of an image while it grows, base first. */
export type LayerStack = readonly BuiltLayer[];

/** What a step tells while it works. */
export interface StepReporter {
  output(stream: 1 | 2, data: Buffer): void;
  /** Bytes handled so far of a piece of work, and of how many: 0 where that is not known. `done` ends it. */
  status(name: string, current: number, total: number, done: boolean): void;
}
