import type { BuildEvent } from './build-event.ts';

export type BuilderName = 'buildkit' | 'classic';
export type CompatName = '28' | '20.10';
export type NetworkMode = 'default' | 'none' | 'host';
export type RuntimeName = 'auto' | 'runc' | 'crun' | 'chroot';

/** What `RUN --mount=type=secret` finds under an id. It never comes to lie in the data-root. */
export type BuildSecret =
  | { readonly id: string; readonly file: string }
  | { readonly id: string; readonly value: string };

/** What `RUN --mount=type=ssh` finds under an id (`default` where it names none): an agent's socket, or private keys. */
export interface BuildAgent {
  readonly id: string;
  readonly paths: readonly string[];
}

/** `security.insecure` is of use to files that name a newer frontend: that of Docker 28.5 knows no `RUN --security`. */
export type Entitlement = 'network.host' | 'security.insecure';

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
  /** The Docker version whose bytes are made; 28 by default. */
  readonly compat?: CompatName;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly noCache?: boolean;
  /** Whether this process does nothing but this build: then the engine of JavaScript is set for the work at hand. */
  readonly ownsProcess?: boolean;
  /** BuildKit: names of stages that are built without the cache, whatever their case. */
  readonly noCacheFilter?: readonly string[];
  /** Classic: images whose steps alone may be taken for steps of this build. Without effect for BuildKit. */
  readonly cacheFrom?: readonly string[];
  /** What the image is for, `linux/arm64/v8`; this host's platform unless told. */
  readonly platform?: string;
  /** BuildKit: named contexts, each a folder, `docker-image://…` or `oci-layout://…`. */
  readonly buildContexts?: Readonly<Record<string, string>>;
  readonly network?: NetworkMode;
  readonly runtime?: RuntimeName;
  readonly secrets?: readonly BuildSecret[];
  readonly ssh?: readonly BuildAgent[];
  /** Rights that a Dockerfile may make use of; `network` `host` gives the first of them as well. */
  readonly allow?: readonly Entitlement[];
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
  /** The same in full (`docker.io/library/x:latest`). */
  readonly names: readonly string[];
  readonly layers: number;
  readonly configSteps: number;
  readonly cachedSteps: number;
}
