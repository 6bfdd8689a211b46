import { DOCKER_VERSION, DOCKER_VERSION_2010 } from './docker-version.ts';

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
  /** What BuildKit takes away of the stubs it mounted files on: folders too, restoring times, or the files alone. */
  readonly stubCleaning: 'recursive' | 'files';
  /** Whether images that the classic builder makes are marked as built here (`imagedb/metadata/.../builtLocally`). */
  readonly builtLocallyMark: boolean;
  readonly layers: LayerFormat;
  readonly configs: ConfigFormat;
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
  stubCleaning: 'recursive',
  builtLocallyMark: false,
  layers: layers28,
  configs: configs28,
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
  stubCleaning: 'recursive',
  builtLocallyMark: true,
  layers: layers28,
  configs: configs28,
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
  stubCleaning: 'files',
  layers: layers2010,
  configs: configs2010,
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
  layers: layers2010,
  configs: configs2010,
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
