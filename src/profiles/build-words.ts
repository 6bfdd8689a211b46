import { type DockerfileSyntax, syntax28, syntax2010 } from './dockerfile-syntax.ts';

/** What a Docker version looks at in a build, and what it says of it. */
export interface BuildWords {
  /** Build arguments that need no ARG and leave no trace; each in lower case too. */
  readonly proxies: readonly string[];
  /** Build arguments that an ARG does not make a variable. */
  readonly argsWithoutEnv: ReadonlySet<string>;
  /** Whether a source of COPY or ADD may be a git repository. */
  readonly knowsGit: boolean;
  /** Whether a variable in `--from` is named as what is wrong. */
  readonly fromVariablesNamed: boolean;
  /** Whether an empty `--platform` is named as what is wrong. */
  readonly emptyPlatformNamed: boolean;
  /** What an empty platform is said to break. */
  readonly emptyPlatform: string;
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

/** The grammar of an OS component, as containerd's platforms package prints it. */
const OS_GRAMMAR = String.raw`"^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$"`;

const PROXIES: readonly string[] = Object.freeze(['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY']);

export const words28: BuildWords = Object.freeze({
  proxies: Object.freeze([...PROXIES, 'ALL_PROXY']),
  argsWithoutEnv: new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']),
  knowsGit: true,
  fromVariablesNamed: true,
  emptyPlatformNamed: true,
  emptyPlatform: `OS component of "": OSAndVersion specifier component must match ${OS_GRAMMAR}`,
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
  fromVariablesNamed: false,
  emptyPlatformNamed: false,
  emptyPlatform: 'component of "": platform specifier component must match "^[A-Za-z0-9_-]+$"',
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
