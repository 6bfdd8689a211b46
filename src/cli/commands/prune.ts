import { LayerlabError } from '../../errors/layerlab-error.ts';
import { parseByteSize } from '../../formats/byte-size.ts';
import type { CommandContext, OptionTable, OptionValues } from '../command.ts';
import { defineCommand } from '../command.ts';
import { harmlessText } from '../harmless-text.ts';
import { humanSize } from '../units.ts';

const cacheFlags = {
  all: { type: 'boolean', alias: 'a', describe: 'Everything that nothing uses, not only what has no name' },
  filter: { type: 'list', describe: 'Only what fits: until=DURATION, label=K[=V], label!=K[=V]' },
  force: { type: 'boolean', alias: 'f', describe: 'Do it; without it the command only tells what would go' },
  'keep-storage': { type: 'string', value: 'BYTES', describe: 'Build cache that may stay, e.g. 10GB' },
  'reserved-space': { type: 'string', value: 'BYTES', describe: 'The same, by its newer name' },
} as const satisfies OptionTable;

/** `layerlab prune`, as `docker image prune`; with --cache as `docker builder prune`. */
export const prune = defineCommand({
  name: 'prune',
  writes: 'force',
  usage: '[OPTIONS]',
  describe: 'Remove images that nobody needs, or with --cache what the build cache keeps',
  arguments: [0, 0],
  options: { ...cacheFlags, cache: { type: 'boolean', describe: 'Prune the build cache instead of images' } },
  examples: [
    ['layerlab prune', 'Which images without a name would go'],
    ['layerlab prune -af --filter until=240h', 'Remove all images older than ten days that no container uses'],
    ['layerlab prune --cache -f --keep-storage 5GB', 'Keep the newest 5 GB of build cache'],
  ],
  run: async (_, options, context) =>
    options.cache || options['keep-storage'] !== undefined || options['reserved-space'] !== undefined
      ? pruneBuildCache(options, context)
      : pruneImages(options, context),
});

/** `layerlab builder prune`. */
export const builder = defineCommand({
  name: 'builder',
  writes: 'force',
  usage: 'prune [OPTIONS]',
  describe: 'Remove what the build cache keeps',
  arguments: [1, 1],
  options: cacheFlags,
  examples: [['layerlab builder prune -af', 'Empty the build cache']],
  async run([verb = ''], options, context) {
    if (verb !== 'prune') throw new LayerlabError('LL_USAGE', `unknown command: layerlab builder ${verb}`);
    return pruneBuildCache(options, context);
  },
});

/** `layerlab gc`: layers without an image, and leftovers. */
export const gc = defineCommand({
  name: 'gc',
  writes: 'force',
  usage: '[OPTIONS]',
  describe: 'Remove layers that nothing stands on, and what killed processes left',
  arguments: [0, 0],
  options: { force: cacheFlags.force },
  examples: [
    ['layerlab gc', 'What would go'],
    ['layerlab gc -f', 'Remove it'],
  ],
  async run(_, options, { engine, dataRoot, stdout }) {
    const result = await engine.gc({ dataRoot, write: options.force });
    const lines = [
      ...result.layers.map(({ chainId }) => `deleted: ${chainId}`),
      ...result.leftovers.map((where) => `deleted: ${harmlessText(where)}`),
    ];
    const head = result.written ? 'Deleted Layers and Leftovers:' : 'Would delete:';
    if (lines.length > 0) stdout.write(`${head}\n${lines.join('\n')}\n\n`);
    stdout.write(
      `${result.written ? 'Total reclaimed space' : 'Space that would be reclaimed'}: ${humanSize(result.reclaimed)}\n`,
    );
    if (!result.written && lines.length > 0) stdout.write('Nothing was done: -f does it.\n');
    return 0;
  },
});

type Flags = OptionValues<typeof cacheFlags>;

async function pruneImages(options: Flags, { engine, dataRoot, stdout }: CommandContext): Promise<number> {
  const { all, filter, force } = options;
  const result = await engine.prune({ dataRoot, all, filters: filter, write: force });
  if (!result.written) {
    if (result.images.length > 0) stdout.write(`Would delete images:\n${result.images.join('\n')}\n\n`);
    stdout.write(`${result.images.length} images. Nothing was done: -f does it.\n`);
    return 0;
  }
  const lines = result.records.map((row) =>
    'untagged' in row ? `untagged: ${row.untagged}` : `deleted: ${row.deleted}`,
  );
  const text = lines.length === 0 ? '' : `Deleted Images:\n${lines.join('\n')}\n\n`;
  stdout.write(`${stdout.isTTY ? harmlessText(text) : text}Total reclaimed space: ${humanSize(result.reclaimed)}\n`);
  return 0;
}

async function pruneBuildCache(options: Flags, { engine, dataRoot, stdout, now }: CommandContext): Promise<number> {
  const keep = options['reserved-space'] ?? options['keep-storage'];
  const result = await engine.pruneCache({
    dataRoot,
    all: options.all,
    filters: options.filter,
    write: options.force,
    now: now(),
    ...(keep === undefined ? {} : { keepStorage: bytesOf(keep) }),
  });
  const rows = result.items.map(({ name, size }) => `${harmlessText(name)}\t${humanSize(size)}\n`).join('');
  if (rows !== '') stdout.write(`${result.written ? 'Deleted build cache objects:' : 'Would delete:'}\n${rows}\n`);
  stdout.write(
    `${result.written ? 'Total reclaimed space' : 'Space that would be reclaimed'}: ${humanSize(result.reclaimed)}\n`,
  );
  if (!result.written && rows !== '') stdout.write('Nothing was done: -f does it.\n');
  return 0;
}

/** Bytes of a text like `10GB` or `512MiB`. */
function bytesOf(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined) return bytes;
  throw new LayerlabError(
    'LL_USAGE',
    `invalid size ${JSON.stringify(text)}: bytes, or a number with kB, MB, GB, MiB, GiB`,
  );
}
