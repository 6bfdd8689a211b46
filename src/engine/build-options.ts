import type { BuildEvent } from './build-event.ts';

export type BuilderName = 'buildkit' | 'classic';
export type CompatName = '28';
export type NetworkMode = 'default' | 'none' | 'host';
export type RuntimeName = 'auto' | 'runc' | 'crun' | 'chroot';

export interface BuildOptions {
  /** Where images go; made if it is not there. */
  readonly dataRoot: string;
  /**
   * A folder, a git repository (`https://...git#ref:subdir`), or a URL of a tar or of a Dockerfile; undefined where only a
   * Dockerfile or a tar is given (`docker build -`).
   */
  readonly context: string | undefined;
  /** A tar that is the context, perhaps compressed; `context` is undefined then. */
  readonly contextArchive?: AsyncIterable<Buffer>;
  /**
   * Path of the Dockerfile; undefined: `Dockerfile` (BuildKit: then `dockerfile`) in the context. Where the context is no
   * folder, the path lies in it; an absolute one is a file of this host (BuildKit).
   */
  readonly file?: string;
  /** The Dockerfile's text, where it does not come from a file (`-f -`). */
  readonly dockerfileText?: string;
  readonly builder?: BuilderName;
  readonly compat?: CompatName;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly noCache?: boolean;
  readonly network?: NetworkMode;
  readonly runtime?: RuntimeName;
  /** Seconds since the epoch: every time that the build makes becomes this one. SOURCE_DATE_EPOCH comes in here too. */
  readonly timestamp?: number;
  readonly onEvent?: (event: BuildEvent) => void;
  readonly signal?: AbortSignal;
}

export interface BuildResult {
  /** `sha256:<hex>`. */
  readonly imageId: string;
  /** Familiar names, as docker prints them (`x:latest`). */
  readonly tags: readonly string[];
  readonly layers: number;
  readonly configSteps: number;
  readonly cachedSteps: number;
}
