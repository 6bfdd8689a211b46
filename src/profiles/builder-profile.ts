import { DOCKER_VERSION, DOCKER_VERSION_2010 } from './docker-version.ts';
import { type DockerfileSyntax, syntax28, syntax2010 } from './dockerfile-syntax.ts';

/** The builders that docker has. */
export type Builder = 'buildkit' | 'classic';

/** The Docker versions whose bytes we produce. */
export type Compat = '28' | '20.10';

/** How a Docker version writes layer tars and `tar-split.json.gz`. */
export interface LayerFormat {
  /** Docker up to 23 puts the kind of a file into the mode of its header. */
  readonly fileTypeBits: boolean;
  /** Headers name the owner and the group as the accounts of the daemon's host have them. */
  readonly ownerNames: boolean;
  /** Docker up to 24 closes tar-split with one more, empty segment. */
  readonly trailingSegment: boolean;
  /** Go before 1.22 escapes backspace and form feed the long way. */
  readonly longEscapes: boolean;
}

/** How a Docker version prints image configs. */
export interface ConfigFormat {
  /** Where `author` stands in a history row of the classic builder: behind created_by since Docker 25. */
  readonly historyAuthor: 'before' | 'after';
  /** BuildKit up to 0.12: the health check before ArgsEscaped, OnBuild there even when null. */
  readonly earlyLayout: boolean;
  readonly longEscapes: boolean;
}

/** How a Docker version copies files and what it finds in archives. */
export interface CopyFormat {
  /** Whether folders of BuildKit's context keep their times when something is in them; where not, it has just come. */
  readonly sentFolderTimes: boolean;
  /** Whether BuildKit gives a destination folder that is there the times of the source folder. */
  readonly restoresTimes: boolean;
  /** Whether BuildKit copies fifos and devices; where not, a fifo is left out and a device becomes an empty file. */
  readonly specialFiles: boolean;
  /** `--chmod` in octal: the whole mode of what is copied and of the folders made for it, or permissions of the former. */
  readonly octalMode: 'whole' | 'permissions';
  /** Whether `--chmod` knows symbols; where not, a text that is not octal says nothing. */
  readonly symbolicMode: boolean;
  /** Whether BuildKit's `ADD --chown` owns what is unpacked. */
  readonly ownsUnpacked: boolean;
  /** How archives that ADD unpacks may be compressed. */
  readonly compressions: ReadonlySet<string>;
  /** How BuildKit says that a source is not there; `{}` is the path. */
  readonly missingSource: string;
}

/** How a Docker version runs commands. */
export interface RunFormat {
  /** What BuildKit takes away of the stubs it mounted files on: folders too, restoring times, or the files alone. */
  readonly stubCleaning: 'recursive' | 'files';
  /** Whether the user's own group is one of the supplementary groups too. */
  readonly ownGroup: boolean;
  /** How BuildKit says that a command failed: `{}` is its words (`quoted`: as a Go string); the reason follows. */
  readonly failure: string;
  readonly failureQuoted: boolean;
  /** What classic puts before and behind the runtime's reason for not starting a command. */
  readonly startFailure: readonly [before: string, behind: string];
}

/** Every difference between builders and versions that shows in texts and configs. */
export interface BuilderProfile {
  readonly builder: Builder;
  readonly compat: Compat;
  /** How the EXPOSE row names its ports: the words, `[80/tcp 81/tcp]`, or `map[80/tcp:{}]`. */
  readonly exposeText: 'words' | 'list' | 'map';
  /** Whether the HEALTHCHECK row and the flags know a start interval. */
  readonly healthStartInterval: boolean;
  /** Whether CMD marks the config as `ArgsEscaped`. */
  readonly argsEscapedByCmd: boolean;
  /** Whether an ARG declared twice shows once in `|N` of RUN. */
  readonly runArgsOnce: boolean;
  /** Whether the ARG row shows the value the argument has, or only the default of that line. */
  readonly argRowHasValue: boolean;
  /** Whether the global scope knows TARGETSTAGE. */
  readonly targetStageArg: boolean;
  /** Whether the rows of COPY and ADD show `--chown` and `--chmod`. */
  readonly copyRowFlags: boolean;
  /** What stands between `--chown=..` and the source's hash in a classic row. */
  readonly chownGap: string;
  /** Whether classic tidies an absolute WORKDIR. */
  readonly workdirCleaned: boolean;
  /** Whether the HEALTHCHECK row quotes its fields. The classic builder of the 28.5 we compare with does not. */
  readonly healthcheckQuoted: boolean;
  /** Whose words the errors about EXPOSE have. */
  readonly exposeErrors: 'go-connections' | 'buildkit';
  /** Whether a FROM finds a stage by a name in another letter case. */
  readonly stageNamesFoldCase: boolean;
  /** `docker_version` of the configs that the classic builder writes. */
  readonly dockerVersion: string;
  /** Whether images that the classic builder makes are marked as built here (`imagedb/metadata/.../builtLocally`). */
  readonly builtLocallyMark: boolean;
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
  readonly layers: LayerFormat;
  readonly configs: ConfigFormat;
  readonly copies: CopyFormat;
  readonly runs: RunFormat;
}

const layers28: LayerFormat = Object.freeze({
  fileTypeBits: false,
  ownerNames: false,
  trailingSegment: false,
  longEscapes: false,
});

const layers2010: LayerFormat = Object.freeze({
  fileTypeBits: true,
  ownerNames: true,
  trailingSegment: true,
  longEscapes: true,
});

const configs28: ConfigFormat = Object.freeze({ historyAuthor: 'after', earlyLayout: false, longEscapes: false });
const configs2010: ConfigFormat = Object.freeze({ historyAuthor: 'before', earlyLayout: true, longEscapes: true });

const copies28: CopyFormat = Object.freeze({
  sentFolderTimes: true,
  restoresTimes: true,
  specialFiles: true,
  octalMode: 'whole',
  symbolicMode: true,
  ownsUnpacked: true,
  compressions: new Set(['plain', 'gzip', 'bzip2', 'xz', 'zstd']),
  missingSource: '"{}": not found',
});

const copies2010: CopyFormat = Object.freeze({
  sentFolderTimes: false,
  restoresTimes: false,
  specialFiles: false,
  octalMode: 'permissions',
  symbolicMode: false,
  ownsUnpacked: false,
  compressions: new Set(['plain', 'gzip', 'bzip2', 'xz']),
  missingSource: 'failed to compute cache key: "{}" not found: not found',
});

const CREATE_FAILED = 'failed to create shim task: OCI runtime create failed: runc create failed: ';
const START_FAILED = 'unable to start container process: ';

const runs28: RunFormat = Object.freeze({
  stubCleaning: 'recursive',
  ownGroup: true,
  failure: 'process {} did not complete successfully',
  failureQuoted: true,
  startFailure: Object.freeze([
    `failed to create task for container: ${CREATE_FAILED}${START_FAILED}error during container init: `,
    '',
  ] as const),
});

const runs2010: RunFormat = Object.freeze({
  stubCleaning: 'files',
  ownGroup: false,
  failure: 'executor failed running [{}]',
  failureQuoted: false,
  startFailure: Object.freeze([`${CREATE_FAILED}${START_FAILED}`, ': unknown'] as const),
});

/** The grammar of an OS component, as containerd's platforms package prints it. */
const OS_GRAMMAR = String.raw`"^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$"`;

const words28 = Object.freeze({
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

const words2010 = Object.freeze({
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

const buildkit28: BuilderProfile = Object.freeze({
  builder: 'buildkit',
  compat: '28',
  exposeText: 'list',
  healthStartInterval: true,
  argsEscapedByCmd: true,
  runArgsOnce: true,
  argRowHasValue: true,
  targetStageArg: true,
  copyRowFlags: true,
  chownGap: ' ',
  workdirCleaned: false,
  healthcheckQuoted: true,
  exposeErrors: 'buildkit',
  stageNamesFoldCase: false,
  dockerVersion: DOCKER_VERSION,
  builtLocallyMark: false,
  ...words28,
  layers: layers28,
  configs: configs28,
  copies: copies28,
  runs: runs28,
});

const classic28: BuilderProfile = Object.freeze({
  builder: 'classic',
  compat: '28',
  exposeText: 'words',
  healthStartInterval: true,
  argsEscapedByCmd: false,
  runArgsOnce: true,
  argRowHasValue: false,
  targetStageArg: false,
  copyRowFlags: true,
  chownGap: ' ',
  workdirCleaned: true,
  healthcheckQuoted: false,
  exposeErrors: 'go-connections',
  stageNamesFoldCase: true,
  dockerVersion: DOCKER_VERSION,
  builtLocallyMark: true,
  ...words28,
  knowsGit: false,
  emptyPlatformNamed: false,
  layers: layers28,
  configs: configs28,
  copies: copies28,
  runs: runs28,
});

const buildkit2010: BuilderProfile = Object.freeze({
  ...buildkit28,
  compat: '20.10',
  exposeText: 'map',
  healthStartInterval: false,
  runArgsOnce: false,
  argRowHasValue: false,
  targetStageArg: false,
  copyRowFlags: false,
  exposeErrors: 'go-connections',
  dockerVersion: DOCKER_VERSION_2010,
  ...words2010,
  layers: layers2010,
  configs: configs2010,
  copies: copies2010,
  runs: runs2010,
});

const classic2010: BuilderProfile = Object.freeze({
  ...classic28,
  compat: '20.10',
  healthStartInterval: false,
  chownGap: '',
  workdirCleaned: false,
  healthcheckQuoted: true,
  dockerVersion: DOCKER_VERSION_2010,
  builtLocallyMark: false,
  ...words2010,
  targetMissing: 'failed to reach build target {} in Dockerfile',
  syntax: Object.freeze({ ...syntax2010, emptyFile: 'the Dockerfile ({}) cannot be empty' }),
  layers: layers2010,
  configs: configs2010,
  copies: copies2010,
  runs: Object.freeze({ ...runs2010, ownGroup: true }),
});

/** The table row for a builder as a Docker version has it. */
export function builderProfile(builder: Builder, compat: Compat = '28'): BuilderProfile {
  if (builder === 'buildkit') return compat === '28' ? buildkit28 : buildkit2010;
  return compat === '28' ? classic28 : classic2010;
}

/** The search path that both builders give an image without one (moby pkg/system DefaultPathEnvUnix). */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The shell of shell forms where no SHELL is set. */
export const DEFAULT_SHELL: readonly string[] = Object.freeze(['/bin/sh', '-c']);
