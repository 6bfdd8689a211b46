import type { ByteString } from '../../formats/bytestring.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { Keeper } from './keeper.ts';
import type { Tidying } from './tidying.ts';

/** How a RUN is carried out; `auto` takes crun, runc and chroot in this order, the first that this host can do. */
export type RunRuntime = 'auto' | 'runc' | 'crun' | 'chroot';

/** Something to mount while a command runs, at an absolute clean path of its root file system. */
export type RunMountSpec =
  /** A folder or file of this host that nobody else changes but other users of the same cache. */
  | {
      readonly kind: 'path';
      readonly target: string;
      readonly source: ByteString;
      readonly isFile: boolean;
      readonly readonly: boolean;
      /** Whether what is written there is wanted: that of a cache is, that of a bind mount is thrown away by its owner. */
      readonly kept: boolean;
    }
  /** An empty file system of its own; `size` in bytes, 0 for no limit. */
  | { readonly kind: 'tmpfs'; readonly target: string; readonly readonly: boolean; readonly size: number }
  /** A read-only file that exists in memory only. */
  | {
      readonly kind: 'secret';
      readonly target: string;
      readonly data: Buffer;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** A socket that somebody listens on. */
  | { readonly kind: 'socket'; readonly target: string; readonly source: ByteString };

/** One RUN: what to execute, on which layers. Every path of the host is absolute. */
export interface RunSpec {
  readonly builder: 'buildkit' | 'classic';
  /** Diff folders below, nearest first; may be empty. For classic the init layer (createInitLayer) is the first. */
  readonly lowers: readonly ByteString[];
  /**
   * The same layers merged, for a host that cannot mount them (and so may not hold all of their metadata in `lowers`);
   * made of `lowers` where it is left out.
   */
  readonly view?: FileTree;
  /** An empty folder; afterwards it holds the change in overlay2's form. */
  readonly upper: ByteString;
  /** Whether the caller flushes the file system of `upper` later on; else what is written is on the disk afterwards. */
  readonly flushedLater?: boolean;
  /** An empty folder on the file system of `upper`. */
  readonly work: ByteString;
  /** Where the root file system is mounted meanwhile; made where it is missing. */
  readonly merged: ByteString;
  /** A private folder for what the run needs on disk; made where it is missing, and left empty. */
  readonly scratchDir: ByteString;
  /** The argv, at least one word. */
  readonly args: readonly string[];
  /** `K=V`, later ones win. HOME (and for classic HOSTNAME and a missing PATH) are added as the builder does. */
  readonly env: readonly string[];
  /** As in the image's config: `''`, a name or uid, optionally `:` and a group or gid. */
  readonly user: string;
  /** Absolute; made where it is missing. */
  readonly workingDir: string;
  /** The same as written, where every folder that it names is made: what `..` leaves again too. */
  readonly writtenDir?: string;
  readonly hostname: string;
  readonly network: 'host' | 'none';
  /** All capabilities, no seccomp, nothing masked or read-only. */
  readonly insecure?: boolean;
  /** Classic: VOLUME paths, what changes below them is thrown away. */
  readonly volumes: readonly string[];
  /** A file that the command finds in /dev/pipes, executable and (where anything can be mounted) read-only. */
  readonly script?: { readonly name: string; readonly data: string };
  /** BuildKit: what else is mounted, in this order. */
  readonly mounts?: readonly RunMountSpec[];
  /** `K=V` behind those of `env`, of which nothing may come to lie on a disk. */
  readonly secretEnv?: readonly string[];
  readonly runtime: RunRuntime;
  /** Starts the container where it can; `merged` is below its folder then, and nothing of `mounts` is a mount of this host. */
  readonly keeper?: Keeper;
  /**
   * What BuildKit takes away of the stubs it mounted /etc/resolv.conf and /etc/hosts on: Docker 28 folders that were not
   * there as well, restoring the times around them (the default); Docker 20.10 the files only.
   */
  readonly stubCleaning?: 'recursive' | 'files';
  /** Whether the user's own group is one of the supplementary groups too (the default). */
  readonly ownGroup?: boolean;
  /** Classic: what stands before and behind the reason for not starting; the words of Docker 28 by default. */
  readonly startFailure?: readonly [before: string, behind: string];
  /** Called as output arrives: 1 for standard output, 2 for standard error. */
  readonly onOutput: (stream: 1 | 2, data: Buffer) => void;
  readonly signal?: AbortSignal;
  /** Takes what need not be done before others stand on `upper`; the caller finishes it, whatever becomes of the run. */
  readonly tidying?: Tidying;
}

export interface RunResult {
  /** Of the command; 128 and the number of the signal where one ended it. */
  readonly exitCode: number;
  /**
   * Set where the command did not start and the builder says this instead of an exit code: dockerd's text, which
   * BuildKit puts behind `process "..." did not complete successfully: ` and classic shows as it is.
   */
  readonly startError?: string;
  /**
   * Folders (relative to `upper`) that hide everything below, where the host could not mark them so on disk. Empty
   * where the markers are on disk.
   */
  readonly opaques: ReadonlySet<ByteString>;
  /** What carried it out, undefined where the command did not start; only `runc` and `crun` are meant as a boundary against hostile commands. */
  readonly ranWith?: 'runc' | 'crun' | 'chroot' | 'chroot-copy';
}
