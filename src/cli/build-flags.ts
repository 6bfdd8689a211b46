import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuilderName, BuildOptions, CompatName, NetworkMode, RuntimeName } from '../engine/build-options.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { parseGitUrl } from '../formats/git-url.ts';
import { goQuote } from '../formats/go-quote.ts';
import { readStageOptions, stageFlags } from './build-stage-flags.ts';
import type { CommandContext, OptionTable, OptionValues } from './command.ts';
import { dockerfileFromStdin } from './dockerfile-from-stdin.ts';
import { PROGRESS_MODES } from './progress/choose-progress.ts';
import { readAgents, readEntitlements, readSecrets } from './secret-flags.ts';
import { contextFromStdin } from './stdin-context.ts';

/** The flags of `layerlab build`. */
export const buildFlags = {
  allow: { type: 'list', describe: 'Right that RUN may make use of: network.host, security.insecure' },
  ...stageFlags,
  'build-arg': { type: 'list', describe: 'Value of an ARG, K=V; a bare K takes the value of the environment' },
  builder: {
    type: 'string',
    choices: ['buildkit', 'classic'],
    describe: 'Whose images to make: buildkit (default) or classic (default with DOCKER_BUILDKIT=0)',
  },
  check: { type: 'boolean', describe: 'Do not build: run the build checks only, as `layerlab lint` does' },
  compat: { type: 'string', choices: ['28', '20.10'], describe: 'Docker version whose bytes to make: 28, 20.10' },
  file: { type: 'string', alias: 'f', describe: 'Path of the Dockerfile (default: PATH/Dockerfile; - is stdin)' },
  iidfile: { type: 'string', describe: 'Write the image ID to a file' },
  label: { type: 'list', describe: 'Label of the image, K=V' },
  network: { type: 'string', choices: ['default', 'none', 'host'], describe: 'Network of RUN: default, none, host' },
  'no-cache': { type: 'boolean', describe: 'Do not use the build cache' },
  progress: { type: 'string', choices: PROGRESS_MODES, describe: `How to show progress: ${PROGRESS_MODES.join(', ')}` },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print the image ID only' },
  runtime: {
    type: 'string',
    choices: ['auto', 'runc', 'crun', 'chroot'],
    describe: 'What runs RUN: auto, runc, crun, chroot',
  },
  secret: { type: 'list', describe: 'Secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME' },
  ssh: { type: 'list', describe: 'SSH agent or keys for RUN --mount=type=ssh: default, ID=SOCKET or ID=KEY[,KEY]' },
  tag: { type: 'list', alias: 't', describe: 'Name of the image, NAME[:TAG]' },
  target: { type: 'string', describe: 'Stage to build (default: the last one)' },
  timestamp: {
    type: 'string',
    describe: 'Seconds since 1970 for every time that the build makes (default: SOURCE_DATE_EPOCH, else now)',
  },
} as const satisfies OptionTable;

export type BuildFlags = OptionValues<typeof buildFlags>;

type Environment = Readonly<Record<string, string | undefined>>;

/** The builder asked for: the flag, else classic where DOCKER_BUILDKIT says no, else BuildKit. Throws LL_USAGE. */
export function builderOf(flags: Pick<BuildFlags, 'builder'>, env: Environment): BuilderName {
  if (flags.builder !== undefined) return flags.builder as BuilderName;
  const wish = env.DOCKER_BUILDKIT;
  if (!wish) return 'buildkit';
  if (/^(?:1|t|T|true|TRUE|True)$/.test(wish)) return 'buildkit';
  if (/^(?:0|f|F|false|FALSE|False)$/.test(wish)) return 'classic';
  throw new LayerlabError('LL_USAGE', 'DOCKER_BUILDKIT environment variable expects boolean value');
}

/**
 * What the engine is to build: of a folder, a repository, a URL, or a tar or a Dockerfile on stdin. Throws LL_USAGE, and
 * LL_UNSUPPORTED for an archive as the Dockerfile.
 */
export async function readBuildOptions(
  path: string,
  flags: BuildFlags,
  context: CommandContext,
): Promise<BuildOptions> {
  const fromStdin = checkStdin(path, flags);
  const options = commonOptions(flags, context);
  const isFolder = path !== '-' && !isRemoteContext(path);
  const file = flags.file && !fromStdin ? { file: isFolder ? resolve(flags.file) : flags.file } : {};
  if (path !== '-') {
    const text = fromStdin ? { dockerfileText: await dockerfileFromStdin(context) } : {};
    return { ...options, context: path, ...text, ...file };
  }
  const given = await contextFromStdin(context);
  if (given.dockerfileText !== undefined && flags.file) {
    throw new LayerlabError('LL_USAGE', 'ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
  }
  return { ...options, context: undefined, ...given, ...file };
}

function checkStdin(path: string, flags: BuildFlags): boolean {
  const fromStdin = flags.file === '-';
  if (path !== '-' || !fromStdin) return fromStdin;
  throw new LayerlabError('LL_USAGE', "invalid argument: can't use stdin for both build context and dockerfile");
}

/** A folder that is there is what it is, whatever it is called. */
export function isRemoteContext(path: string): boolean {
  if (!/^https?:\/\//.test(path) && parseGitUrl(path) === undefined) return false;
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true;
}

function commonOptions(flags: BuildFlags, context: CommandContext): Omit<BuildOptions, 'context'> {
  const buildArgs = readBuildArgs(flags['build-arg'], context.env);
  const timestamp = readTimestamp(flags.timestamp, buildArgs, context.env);
  return {
    dataRoot: context.dataRoot,
    builder: builderOf(flags, context.env),
    buildArgs,
    labels: readLabels(flags.label, builderOf(flags, context.env) === 'classic' || flags.compat === '20.10'),
    tags: flags.tag,
    allow: readEntitlements(flags.allow),
    secrets: readSecrets(flags.secret, context.env),
    ssh: readAgents(flags.ssh, context.env),
    noCache: flags['no-cache'],
    ...readStageOptions(flags, builderOf(flags, context.env)),
    ...(flags.compat === undefined ? {} : { compat: flags.compat as CompatName }),
    ...(flags.network === undefined ? {} : { network: flags.network as NetworkMode }),
    ...(flags.runtime === undefined ? {} : { runtime: flags.runtime as RuntimeName }),
    ...(flags.target ? { target: flags.target } : {}),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** The values of `--build-arg`; a bare name takes that of the environment, or is left out. Throws LL_USAGE. */
export function readBuildArgs(given: readonly string[], env: Environment): Record<string, string> {
  const entries = given.flatMap((text): readonly (readonly [string, string])[] => {
    const [key, value] = splitPair(text, '--build-arg');
    const found = value ?? env[key];
    return found === undefined ? [] : [[key, found]];
  });
  return Object.fromEntries(entries);
}

/** @param strict whether docker's own flags are read, which refuse blanks in a name; buildx takes them */
function readLabels(given: readonly string[], strict: boolean): Record<string, string> {
  const pairs = given.map((text) => [text, ...splitPair(text, '--label')] as const);
  for (const [text, key] of pairs) if (strict) refuseBlanks(text, key);
  return Object.fromEntries(pairs.map(([, key, value = '']) => [key, value]));
}

/** docker/cli opts.ValidateLabel. */
function refuseBlanks(text: string, key: string): void {
  const name = key.replace(/^[ \t]+/, '');
  if (name !== '' && !/[ \t]/.test(name)) return;
  const reason = name === '' ? `invalid label '${text}': empty name` : `label '${name}' contains whitespaces`;
  throw new LayerlabError('LL_USAGE', `invalid argument ${goQuote(text)} for "--label" flag: ${reason}`);
}

function splitPair(text: string, flag: string): readonly [key: string, value: string | undefined] {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals);
  if (key === '') {
    throw new LayerlabError(
      'LL_USAGE',
      `invalid argument ${JSON.stringify(text)} for "${flag}" flag: the name is missing`,
    );
  }
  return [key, equals < 0 ? undefined : text.slice(equals + 1)];
}

function readTimestamp(
  flag: string | undefined,
  buildArgs: Readonly<Record<string, string>>,
  env: Environment,
): number | undefined {
  const [name, text] =
    flag !== undefined
      ? ['--timestamp', flag]
      : ['SOURCE_DATE_EPOCH', buildArgs.SOURCE_DATE_EPOCH ?? (env.SOURCE_DATE_EPOCH || undefined)];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  // Above it, the year no longer has four digits, which no image format can hold.
  if (/^\d{1,12}$/.test(text) && seconds <= 253_402_300_799) return seconds;
  throw new LayerlabError('LL_USAGE', `invalid value ${JSON.stringify(text)} for ${name}`, {
    hint: 'It is a whole number of seconds since 1970-01-01T00:00:00Z.',
  });
}
