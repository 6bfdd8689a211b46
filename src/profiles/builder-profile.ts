import { LayerlabError } from '../errors/layerlab-error.ts';
import { type BuildWords, words28, words2010 } from './build-words.ts';
import { type CopyFormat, copies28, copies2010 } from './copy-format.ts';
import { DOCKER_VERSION, DOCKER_VERSION_2010 } from './docker-version.ts';
import { classicSyntax, syntax28, syntax2010 } from './dockerfile-syntax.ts';
import { type ConfigFormat, configs28, configs2010, type LayerFormat, layers28, layers2010 } from './layer-format.ts';
import { type RunFormat, runs28, runs2010 } from './run-format.ts';

/** The builders that docker has. */
export type Builder = 'buildkit' | 'classic';

/** The Docker versions whose bytes we produce. */
export type Compat = '28' | '20.10';

/** Every difference between builders and versions that shows in texts and configs. */
export interface BuilderProfile extends BuildWords {
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
  /** Whether `|N` names the arguments of the stage that a stage stands on. */
  readonly runArgsInherited: boolean;
  /** Whether the ARG row shows the value the argument has, or only the default of that line. */
  readonly argRowHasValue: boolean;
  /** Whether the global scope knows TARGETSTAGE. */
  readonly targetStageArg: boolean;
  /** What becomes of a value in front of the first FROM that cannot be expanded. */
  readonly malformedGlobalArg: 'refused' | 'empty';
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
  readonly layers: LayerFormat;
  readonly configs: ConfigFormat;
  readonly copies: CopyFormat;
  readonly runs: RunFormat;
}

const buildkit28: BuilderProfile = Object.freeze({
  builder: 'buildkit',
  compat: '28',
  exposeText: 'list',
  healthStartInterval: true,
  argsEscapedByCmd: true,
  runArgsOnce: true,
  runArgsInherited: true,
  argRowHasValue: true,
  targetStageArg: true,
  malformedGlobalArg: 'refused',
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
  runArgsInherited: true,
  argRowHasValue: false,
  targetStageArg: false,
  malformedGlobalArg: 'refused',
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
  platformAsWritten: false,
  syntax: classicSyntax(syntax28),
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
  runArgsInherited: false,
  argRowHasValue: false,
  targetStageArg: false,
  malformedGlobalArg: 'empty',
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
  syntax: classicSyntax(syntax2010),
  layers: layers2010,
  configs: configs2010,
  copies: copies2010,
  runs: Object.freeze({ ...runs2010, ownGroup: true }),
});

const profiles: Readonly<Record<Compat, Readonly<Record<Builder, BuilderProfile>>>> = Object.freeze({
  '28': Object.freeze({ buildkit: buildkit28, classic: classic28 }),
  '20.10': Object.freeze({ buildkit: buildkit2010, classic: classic2010 }),
});

/** The Docker versions that there is a table for. */
export const COMPATS: readonly string[] = Object.freeze(Object.keys(profiles));

/** The table row for a builder as a Docker version has it. Throws LL_USAGE for a version without one. */
export function builderProfile(builder: Builder, compat: Compat = '28'): BuilderProfile {
  if (Object.hasOwn(profiles, compat)) return profiles[compat][builder];
  throw new LayerlabError(
    'LL_USAGE',
    `no Docker version ${JSON.stringify(compat)}: it is one of ${COMPATS.join(', ')}`,
  );
}

/** The search path that both builders give an image without one (moby pkg/system DefaultPathEnvUnix). */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The shell of shell forms where no SHELL is set. */
export const DEFAULT_SHELL: readonly string[] = Object.freeze(['/bin/sh', '-c']);
