import type { BuilderName, BuildOptions } from '../engine/build-options.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { OptionTable, OptionValues } from './command.ts';

/** The flags of `layerlab build` that are about stages, what they stand on, and the cache. */
export const stageFlags = {
  'build-context': {
    type: 'list',
    describe: 'Named context for COPY --from and FROM, NAME=PATH|docker-image://IMAGE|oci-layout://PATH[:TAG|@DIGEST]',
  },
  'cache-from': { type: 'list', describe: 'Image to take steps from (classic)' },
  'cache-to': { type: 'list', describe: 'Refused: the cache is kept in the data-root and goes nowhere else' },
  'metadata-file': { type: 'string', describe: 'Write the image ID and name to a file, as JSON' },
  'no-cache-filter': { type: 'list', describe: 'Stages to build without the cache, NAME[,NAME]' },
  platform: { type: 'string', describe: "What the image is for, os/arch[/variant] (default: this host's)" },
  pull: { type: 'boolean', describe: 'Taken and warned about: images are not pulled' },
} as const satisfies OptionTable;

/** None of them. */
export const NO_STAGE_FLAGS: OptionValues<typeof stageFlags> = {
  'build-context': [],
  'cache-from': [],
  'cache-to': [],
  'metadata-file': undefined,
  'no-cache-filter': [],
  platform: undefined,
  pull: false,
};

type StageOptions = Pick<BuildOptions, 'buildContexts' | 'cacheFrom' | 'noCacheFilter' | 'platform'>;

/** What these flags tell the engine. Throws LL_USAGE, and LL_UNSUPPORTED for what only some builder or nobody here does. */
export function readStageOptions(flags: OptionValues<typeof stageFlags>, builder: BuilderName): StageOptions {
  const noCacheFilter = flags['no-cache-filter'].flatMap((text) => text.split(',')).filter((name) => name !== '');
  const buildContexts = readContexts(flags['build-context']);
  if (builder === 'classic') {
    for (const name of ['no-cache-filter', 'build-context'] as const)
      if (flags[name].length > 0) throw onlyBuildkit(name);
  }
  if (flags['cache-to'].length > 0) {
    throw new LayerlabError('LL_UNSUPPORTED', 'Cache export is not supported', {
      hint: 'The build cache is kept in the data-root: leave --cache-to out, or copy the data-root.',
    });
  }
  return {
    buildContexts,
    cacheFrom: readCacheSources(flags['cache-from'], builder),
    noCacheFilter,
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
  };
}

/** What is to be said of flags that are taken without doing what their name promises. */
export function stageWarnings(flags: OptionValues<typeof stageFlags>, builder: BuilderName): readonly string[] {
  return [
    ...(flags.pull ? ['--pull: images are never pulled; those of the data-root are used as they are'] : []),
    ...(builder === 'buildkit' && flags['cache-from'].length > 0
      ? ["--cache-from: the caches of images are not read; this data-root's own build cache is used"]
      : []),
  ];
}

function readContexts(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0 || equals === text.length - 1) {
        throw new LayerlabError('LL_USAGE', `invalid context value: ${text}, expected key=value`);
      }
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    }),
  );
}

/** Classic: names of images. BuildKit: images too, `type=registry,ref=NAME`; caches that lie elsewhere are refused. */
function readCacheSources(given: readonly string[], builder: BuilderName): readonly string[] {
  if (builder === 'classic') return given;
  return given.flatMap((text) => {
    if (!text.includes('=')) return text.split(',');
    const fields = new Map(
      text.split(',').map((field) => [field.replace(/=.*$/s, ''), field.replace(/^[^=]*=?/s, '')]),
    );
    const type = fields.get('type') ?? 'registry';
    if (type === 'registry') return [fields.get('ref') ?? ''];
    throw new LayerlabError('LL_UNSUPPORTED', `Cache import of type ${JSON.stringify(type)} is not supported`, {
      hint: "Leave it out: this data-root's own build cache is used.",
    });
  });
}

function onlyBuildkit(flag: string): LayerlabError {
  return new LayerlabError('LL_UNSUPPORTED', `the --${flag} option requires BuildKit`, {
    hint: 'Build with --builder buildkit.',
  });
}
