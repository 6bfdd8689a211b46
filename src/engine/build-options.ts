import type { BuildEvent } from './build-event.ts';

export type BuilderName = 'buildkit' | 'classic';
export type CompatName = '28' | '20.10';
export type NetworkMode = 'default' | 'none' | 'host';
export type RuntimeName = 'auto' | 'runc' | 'crun' | 'chroot';

export interface BuildOptions {
  /** Where images go; made if it is not there. */
  readonly dataRoot: string;
  /** A folder, or undefined where only a Dockerfile is given (`docker build -`). */
  readonly context: string | undefined;
  /** Path of the Dockerfile; undefined: `Dockerfile` (BuildKit: then `dockerfile`) in the context. */
  readonly file?: string;
  /** The Dockerfile's text, where it does not come from a file (`-f -`). */
  readonly dockerfileText?: string;
  readonly builder?: BuilderName;
  /** The Docker version whose bytes are made; 28 by default. */
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
