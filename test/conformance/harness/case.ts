import type { DockerVersion } from './oracle.ts';

/** The two builders of Docker; a case runs with both unless it says otherwise. */
export type Builder = 'buildkit' | 'classic';

export const BUILDERS: readonly Builder[] = ['buildkit', 'classic'];

export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

/** One answer of the web server. */
export interface WebFile {
  /** Below the case's own folder of the server. */
  readonly path: string;
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes after which the server hangs up. */
  readonly cut?: number;
}

/** A name for one of the commits of a repository. */
export interface GitRef {
  readonly kind: 'branch' | 'tag' | 'annotated';
  readonly name: string;
  /** Which commit, from 0. */
  readonly at: number;
}

/** How the context reaches the builder. */
export type SendAs =
  | { readonly kind: 'stdin' | 'url'; readonly compression: Compression }
  /** As the web server has it: a path below the case's own folder. */
  | { readonly kind: 'path'; readonly path: string }
  /** The repository of the case, and what follows its `.git`. */
  | { readonly kind: 'git'; readonly rest: string };

/** What every kind of context entry may say of itself. */
export interface EntryMeta {
  /** Octal permission bits; 0644 for files and 0755 for folders when left out. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since the epoch, with up to nine decimals, as `touch -d @…` reads them. */
  readonly mtime?: string;
  /** Extended attributes, values in hexadecimal as `setfattr -v 0x…` reads them. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** One thing on the disk of the build context. Paths are relative to it and `/`-separated. */
export type ContextEntry =
  | ({ readonly kind: 'file'; readonly path: string; readonly content: string | Buffer | undefined } & EntryMeta)
  | ({ readonly kind: 'sparse'; readonly path: string; readonly size: number; readonly tail: string } & EntryMeta)
  | ({ readonly kind: 'dir'; readonly path: string } & EntryMeta)
  | ({ readonly kind: 'fifo'; readonly path: string } & EntryMeta)
  | ({
      readonly kind: 'device';
      readonly path: string;
      readonly type: 'b' | 'c';
      readonly major: number;
      readonly minor: number;
    } & EntryMeta)
  | ({ readonly kind: 'socket'; readonly path: string } & EntryMeta)
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string; readonly mtime?: string }
  | { readonly kind: 'hardlink'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'archive';
      readonly path: string;
      readonly compression: Compression;
      readonly entries: readonly ContextEntry[];
      readonly mtime?: string;
    };

/** A part of what is said, the same for both builders or one for each. */
export type FailureMessage = string | Readonly<Record<Builder, string>>;

/** A build that both tools do, and what must come of it. */
export interface ConformanceCase {
  /** Lower-case letters, digits and `-`: it becomes the image's name. */
  readonly name: string;
  readonly builders?: readonly Builder[];
  /** The Docker versions that the case is about; when left out 28, and 20.10 where `cases/on-2010.ts` names the case. */
  readonly compat?: readonly DockerVersion[];
  /** `BASE`, `BARE` and the other names of `bases.ts` are images that are there. */
  readonly dockerfile: string;
  readonly context?: readonly ContextEntry[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** What the web server has at `{web}/`, which the Dockerfile names so. */
  readonly web?: readonly WebFile[];
  /** A repository at `{web}/repo.git`: the files of each commit on `main`, the last one being its tip. */
  readonly repository?: readonly (readonly ContextEntry[])[];
  readonly refs?: readonly GitRef[];
  /** Folders of `--build-context` by name (BuildKit); dockerd needs a client of its own version for them. */
  readonly buildContexts?: Readonly<Record<string, readonly ContextEntry[]>>;
  /** A folder of the disk unless told. */
  readonly sendAs?: SendAs;
  readonly labels?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Contents of `--secret` by id. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Ids of `--ssh`; somebody listens behind each, and says nothing. */
  readonly agents?: readonly string[];
  /** `--platform`. */
  readonly platform?: string;
  /** Where the Dockerfile lies in the context; `Dockerfile` when left out. */
  readonly file?: string;
  /** The build fails with both tools, and both say this. */
  readonly expectFailure?: FailureMessage;
  /** With Docker 20.10 the build fails (whatever 28 does), and both say this. */
  readonly failsOn2010?: FailureMessage;
}

/** Without content it gets a line that is the same nowhere else: a layer of one case must not turn up in another. */
export const file = (path: string, content?: string | Buffer, meta: EntryMeta = {}): ContextEntry => ({
  kind: 'file',
  path,
  content,
  ...meta,
});

export const dir = (path: string, meta: EntryMeta = {}): ContextEntry => ({ kind: 'dir', path, ...meta });

export const symlink = (path: string, target: string, mtime?: string): ContextEntry =>
  mtime === undefined ? { kind: 'symlink', path, target } : { kind: 'symlink', path, target, mtime };

export const hardlink = (path: string, target: string): ContextEntry => ({ kind: 'hardlink', path, target });

export const archive = (path: string, compression: Compression, entries: readonly ContextEntry[]): ContextEntry => ({
  kind: 'archive',
  path,
  compression,
  entries,
});
