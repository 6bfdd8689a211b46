/** The builders that docker has. */
export type Builder = 'buildkit' | 'classic';

/** The Docker versions whose bytes we produce. */
export type Compat = '28' | '20.10';

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
}

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
});

const classic2010: BuilderProfile = Object.freeze({
  ...classic28,
  compat: '20.10',
  healthStartInterval: false,
  chownGap: '',
  workdirCleaned: false,
  healthcheckQuoted: true,
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
