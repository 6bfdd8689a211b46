import type { LayerlabError } from '../errors/layerlab-error.ts';
import type { ContainerConfig } from '../formats/container-config.ts';
import type { GitUrl } from '../formats/git-url.ts';
import type { Instruction } from '../parser/instruction.ts';
import type { Platform } from './plan-options.ts';

/** Where COPY and ADD take files from. */
export type CopySource =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly reference: string; readonly context?: string }
  /** A named context that is a folder of this host. */
  | { readonly kind: 'folder'; readonly name: string };

/** A file whose text stands in the Dockerfile. */
export interface InlineDocument {
  /** One name, no path. */
  readonly name: string;
  readonly data: string;
}

/** Something that ADD fetches. */
export type RemoteSource =
  | {
      readonly kind: 'http';
      readonly url: string;
      /** `sha256:<hex>` (or sha384, sha512), which the file has to have; undefined: any will do. */
      readonly checksum: string | undefined;
    }
  | {
      readonly kind: 'git';
      readonly url: GitUrl;
      readonly keepGitDir: boolean;
      /** A commit or the beginning of its name; empty: any will do. */
      readonly checksum: string;
    };

/** What an ADD or COPY step does; every word is expanded. */
export interface CopyAction {
  readonly kind: 'copy' | 'add';
  readonly from: CopySource;
  /** As written (expanded): relative to the root of the source. Text, not byte strings. */
  readonly sources: readonly string[];
  /** Those of the sources that are fetched, by their word. */
  readonly remotes: ReadonlyMap<string, RemoteSource>;
  /** `--unpack`; undefined: archives of the context are unpacked, those that are fetched are not. */
  readonly unpack: boolean | undefined;
  /** Files to copy after the sources: 0644, root's, never unpacked. */
  readonly documents: readonly InlineDocument[];
  /** Absolute and not cleaned: a trailing `/` (also of `.`) means "into this folder". */
  readonly destination: string;
  /** As written, for classic's history text. */
  readonly destinationText: string;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  /** Patterns of what is left out below each source, as written. BuildKit only: classic takes no notice of them. */
  readonly excludes: readonly string[];
  /** Whether the folders of a source's path are kept below the destination (BuildKit). */
  readonly parents: boolean;
}

/** Where a RUN mounts files from. */
export type MountSource = CopySource | { readonly kind: 'scratch' };

/** Mode (permission bits) and owner of what is made for a mount. */
export interface MountOwner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Files of a stage, an image or the context, shown at a place; what is written there (`rw`) is thrown away. */
export interface PlannedBindMount {
  readonly kind: 'bind';
  readonly target: string;
  readonly readonly: boolean;
  readonly from: MountSource;
  /** Absolute and clean, in the source. */
  readonly source: string;
}

/** A folder that stays from build to build. */
export interface PlannedCacheMount {
  readonly kind: 'cache';
  readonly target: string;
  readonly readonly: boolean;
  /** What it is filled with when it is made. */
  readonly from: MountSource;
  readonly source: string;
  readonly id: string;
  readonly namespace: string;
  readonly sharing: 'shared' | 'private' | 'locked';
  /** Of the new folder, where the RUN says so; else root's, 0755. */
  readonly owner: MountOwner | undefined;
}

export interface PlannedTmpfsMount {
  readonly kind: 'tmpfs';
  readonly target: string;
  readonly readonly: boolean;
  /** Bytes; 0 is no limit of its own. */
  readonly size: number;
  /** `/`: nothing else can be had of an empty file system, and BuildKit says so when the command is to start. */
  readonly source: string;
}

export interface PlannedSecretMount extends MountOwner {
  readonly kind: 'secret';
  readonly id: string;
  /** Undefined for a secret that is a variable only. */
  readonly target: string | undefined;
  readonly env: string | undefined;
  readonly required: boolean;
}

export interface PlannedSshMount extends MountOwner {
  readonly kind: 'ssh';
  /** Empty for the default one. */
  readonly id: string;
  readonly target: string;
  /** Its number among the agents of the RUN: SSH_AUTH_SOCK leads to the first. */
  readonly number: number;
  readonly required: boolean;
}

/** A `RUN --mount`, all of it expanded. */
export type PlannedMount =
  | PlannedBindMount
  | PlannedCacheMount
  | PlannedTmpfsMount
  | PlannedSecretMount
  | PlannedSshMount;

/** What a RUN step executes. */
export interface RunAction {
  readonly kind: 'run';
  /** The argv, shell in front where the shell form asks for it. */
  readonly args: readonly string[];
  /** The process environment, `K=V`: the image's ENV and the build arguments in scope, in the builder's order. */
  readonly env: readonly string[];
  readonly user: string;
  /** Absolute; `/` where the image has none. */
  readonly workingDir: string;
  /** BuildKit: the working folder as written, where that goes back by `..`: the runtime makes every folder it names. */
  readonly writtenDir?: string;
  readonly network: 'default' | 'none' | 'host';
  /** Whether the command has all rights that this host can give (`--security=insecure`). */
  readonly insecure?: true;
  /** Classic only: paths of VOLUME, whose changes during RUN are thrown away. */
  readonly volumes: readonly string[];
  /** BuildKit only: a file that the command finds in /dev/pipes, read-only and executable. */
  readonly script?: InlineDocument;
  /** BuildKit only: what is mounted while the command runs, in the order of mounting. */
  readonly mounts?: readonly PlannedMount[];
}

/** What a WORKDIR step makes: the folder, absolute and clean. */
export interface WorkdirAction {
  readonly kind: 'workdir';
  readonly path: string;
  /** Owner of the folders it creates (BuildKit: USER; classic: root). */
  readonly user: string;
}

/** A config-only step. */
export interface ConfigAction {
  readonly kind: 'config';
}

export type StepAction = CopyAction | RunAction | WorkdirAction | ConfigAction;

/**
 * One instruction planned for execution. The plan knows nothing of ids, times and hashes: the committer adds them.
 */
export interface Step {
  readonly instruction: Instruction;
  /** Whether the step comes from an ONBUILD of the base: classic does not count it in `Step i/N`. */
  readonly trigger: boolean;
  readonly action: StepAction;
  /** Whether the step may produce a layer (RUN, COPY, ADD, BuildKit's WORKDIR other than `/`). Classic decides by the change. */
  readonly layer: boolean;
  /** The image's config after this step (`image` and `hostname` left as in the base: the committer sets them). */
  readonly config: ContainerConfig;
  /** The author after this step (MAINTAINER, or inherited). */
  readonly author: string;
  /** What progress shows: BuildKit's vertex name without `[i/n]`, classic's text behind `Step i/N : `. */
  readonly display: string;
  /**
   * BuildKit: the whole `created_by` text (` # buildkit` included where it belongs), undefined where the step makes no
   * row (ONBUILD). Classic: undefined; see `classic`.
   */
  readonly createdBy: string | undefined;
  /** Classic only: what `container_config` is made of. */
  readonly classic: ClassicStep | undefined;
  /** Stages that a RUN mounts. */
  readonly mounted?: ReadonlySet<number>;
  /** Why build refuses the step; only in a plan that keeps such steps. */
  readonly refused?: LayerlabError;
}

export interface ClassicStep {
  /**
   * `container_config.Cmd`. In the last word of COPY and ADD the text `${HASH}` stands for the `file:`, `dir:` or
   * `multi:` name, known only when the sources are read.
   */
  readonly cmd: readonly string[];
  /** Whether the row's config is what container creation made of it (every step but RUN, COPY and ADD). */
  readonly viaContainer: boolean;
  /** The config the cache is probed with and `container_config` starts from, its `cmd` set to the above. */
  readonly probe: ContainerConfig;
}

/** What a stage stands on. */
export type StageBase =
  | {
      readonly kind: 'scratch';
      /** The named context whose files are there to begin with; undefined: nothing is. */
      readonly folder?: string;
      /** That context stands for the stage itself, not for what it is built on: there is no config then, not even an architecture. */
      readonly whole?: boolean;
      /** What FROM asks for: of account where there are files. */
      readonly platform?: Platform;
    }
  /** `platform`: what FROM asks for, which is of account to classic alone. */
  | { readonly kind: 'stage'; readonly index: number; readonly platform?: Platform }
  | {
      readonly kind: 'image';
      readonly reference: string;
      /** What FROM asks for, normalised; undefined: what the build is for. */
      readonly platform?: Platform;
      /** How progress shows it where a named context gives it. */
      readonly context?: string;
    };

export interface PlannedStage {
  readonly index: number;
  /** Lower-cased AS name, undefined without one. */
  readonly name: string | undefined;
  readonly base: StageBase;
  readonly from: Instruction;
  /** What progress shows for the FROM line. */
  readonly display: string;
  /** BuildKit: the name in front of `i/n` in progress (`stage-0` without AS); undefined where the file has one stage. */
  readonly progressName: string | undefined;
  /**
   * BuildKit: the `n` of `i/n` in progress, for the FROM line and for the steps; a FROM of an image is number 1. Every
   * ONBUILD trigger counts for the steps, also one that shows nothing, and none does for the FROM line.
   */
  readonly progressTotal: { readonly from: number; readonly steps: number };
  readonly steps: readonly Step[];
  /** The config before the first step (base image's, or scratch's; PATH added as the builder does). */
  readonly baseConfig: ContainerConfig;
  readonly baseAuthor: string;
  /** Indices of the stages this one needs: base, COPY --from and RUN --mount. */
  readonly needs: readonly number[];
}

/** The steps that are needed for one target, in Dockerfile order. */
export interface Plan {
  readonly builder: 'buildkit' | 'classic';
  /** Every stage of the file; only those in `order` are built. */
  readonly stages: readonly PlannedStage[];
  /** Indices of the needed stages in the order to build them; the last one is the target. */
  readonly order: readonly number[];
  readonly target: number;
  /** ARGs before the first FROM, for classic's step numbering and output. */
  readonly metaArgs: readonly Instruction[];
  /** Warnings in the builder's words, e.g. build arguments that no ARG consumed. */
  readonly warnings: readonly string[];
}
