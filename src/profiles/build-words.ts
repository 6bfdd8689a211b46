import { type DockerfileSyntax, syntax28, syntax2010 } from './dockerfile-syntax.ts';

/** What a part of a platform may be, and what is said of one that is not. */
export interface PlatformPart {
  readonly pattern: RegExp;
  /** As `"x" is an invalid {} of ..` has it. */
  readonly name: string;
  readonly rule: string;
}

/** How a version reads the text of a platform (containerd's platforms package). */
export interface PlatformGrammar {
  readonly system: PlatformPart;
  readonly other: PlatformPart;
  /** Whether errors about a part show the whole text in lower case. */
  readonly shownLower: boolean;
}

/** What a Docker version looks at in a build, and what it says of it. */
export interface BuildWords {
  /** Build arguments that need no ARG and leave no trace; each in lower case too. */
  readonly proxies: readonly string[];
  /** Build arguments that an ARG does not make a variable. */
  readonly argsWithoutEnv: ReadonlySet<string>;
  /** Whether a source of COPY or ADD may be a git repository. */
  readonly knowsGit: boolean;
  /** Whether a build takes contexts by a name (`--build-context`). */
  readonly namedContexts: boolean;
  /** Whether a variable in `--from` is named as what is wrong. */
  readonly fromVariablesNamed: boolean;
  /** Whether an empty `--platform` is named as what is wrong. */
  readonly emptyPlatformNamed: boolean;
  /** Whether errors about `FROM --platform` show it as it is written, variables and all. */
  readonly platformAsWritten: boolean;
  readonly platforms: PlatformGrammar;
  /** Whether errors about the name of an image show it again. */
  readonly referenceShown: boolean;
  /** Of a target that no stage is; `{}` is its name. */
  readonly targetMissing: string;
  /** Of a RUN without words, in classic. */
  readonly noCommand: string;
  readonly invalidSignal: string;
  /** What BuildKit's clients put in front of errors: of the Dockerfile, and of what happens while it is built. */
  readonly solveErrors: { readonly definition: string; readonly execution: string };
  readonly syntax: DockerfileSyntax;
}

const OS_GRAMMAR = String.raw`"^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$"`;

/** Of containerd's platforms package 1.0. */
export const platforms28: PlatformGrammar = Object.freeze({
  system: Object.freeze({
    pattern: /^[A-Za-z0-9_-]+$/,
    name: 'OS component',
    rule: `OSAndVersion specifier component must match ${OS_GRAMMAR}`,
  }),
  other: Object.freeze({
    pattern: /^[A-Za-z0-9_.-]+$/,
    name: 'component',
    rule: 'platform specifier component must match "^[A-Za-z0-9_.-]+$"',
  }),
  shownLower: true,
});

const PART_2010: PlatformPart = Object.freeze({
  pattern: /^[A-Za-z0-9_-]+$/,
  name: 'component',
  rule: 'platform specifier component must match "^[A-Za-z0-9_-]+$"',
});

const PROXIES: readonly string[] = Object.freeze(['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY']);

export const words28: BuildWords = Object.freeze({
  proxies: Object.freeze([...PROXIES, 'ALL_PROXY']),
  argsWithoutEnv: new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']),
  knowsGit: true,
  namedContexts: true,
  fromVariablesNamed: true,
  emptyPlatformNamed: true,
  platformAsWritten: true,
  platforms: platforms28,
  referenceShown: true,
  targetMissing: 'target stage "{}" could not be found',
  noCommand: 'no command specified',
  invalidSignal: 'invalid signal',
  solveErrors: Object.freeze({ definition: 'failed to solve: ', execution: 'failed to solve: ' }),
  syntax: syntax28,
});

export const words2010: BuildWords = Object.freeze({
  proxies: PROXIES,
  argsWithoutEnv: new Set<string>(),
  knowsGit: false,
  namedContexts: false,
  fromVariablesNamed: false,
  emptyPlatformNamed: false,
  platformAsWritten: false,
  platforms: Object.freeze({ system: PART_2010, other: PART_2010, shownLower: false }),
  referenceShown: false,
  targetMissing: 'target stage {} could not be found',
  noCommand: 'No command specified',
  invalidSignal: 'Invalid signal',
  solveErrors: Object.freeze({
    definition: 'failed to solve with frontend dockerfile.v0: failed to create LLB definition: ',
    execution: '',
  }),
  syntax: syntax2010,
});
