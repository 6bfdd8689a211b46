import { type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BuilderName } from '../../engine/build-options.ts';
import type { CompareResult, CompareSubject } from '../../engine/compare-result.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { builderOf, buildFlags, readBuildArgs } from '../build-flags.ts';
import { type CommandContext, defineCommand, type OptionTable, type OptionValues } from '../command.ts';
import { drawCompare } from '../compare/draw-compare.ts';
import { markdownCompare } from '../compare/markdown-compare.ts';
import { writeJson } from '../look/write-json.ts';
import { choosePaint } from '../plan/paint.ts';
import { chooseProgress } from '../progress/choose-progress.ts';

const TOP = 20;

const flags = {
  build: { type: 'boolean', describe: 'Build what is a Dockerfile, so that layers, sizes and files are compared too' },
  'build-arg': buildFlags['build-arg'],
  builder: {
    ...buildFlags.builder,
    describe: 'Who would build the Dockerfile: buildkit or classic (default: who built the image beside it)',
  },
  format: { type: 'string', choices: ['text', 'markdown', 'json'], describe: 'text (default), markdown, json' },
  'ignore-times': { type: 'boolean', describe: 'Times of files and builds make no difference' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Only the exit code' },
  target: buildFlags.target,
  top: { type: 'string', value: 'N', describe: `How many files to show (${TOP}; 0: all)` },
} as const satisfies OptionTable;

type Flags = OptionValues<typeof flags>;

/** `layerlab compare`: what two images or Dockerfiles have in common, and what not. Exit codes as those of diff(1). */
export const compare = defineCommand({
  name: 'compare',
  writes: 'build',
  failsWith: 2,
  usage: '[OPTIONS] A B',
  describe:
    'Compare two images or Dockerfiles; exit code 0 if they are the same, 1 if they differ, 2 if something fails',
  arguments: [2, 2],
  options: flags,
  examples: [
    ['layerlab compare app:1 app:2', 'Instructions, config and files of two images'],
    ['layerlab compare app:1 ./Dockerfile', 'An image and the Dockerfile as it is now'],
    ['layerlab compare --build --format markdown old/ new/', 'Two Dockerfiles, built, for a pull request'],
  ],
  async run([a = '', b = ''], options, context) {
    const { stdout, env } = context;
    const top = readTop(options.top);
    const result = await compareBoth(a, b, options, context).catch((error) => {
      throw withFolderHint(error, [a, b]);
    });
    if (!options.quiet) {
      const { format } = options;
      if (format === 'json') writeJson(readable(result), stdout);
      else if (format === 'markdown') stdout.write(markdownCompare(result, top));
      else stdout.write(drawCompare(result, top, choosePaint(stdout.isTTY, env), stdout.size().columns));
    }
    return result.same ? 0 : 1;
  },
});

async function compareBoth(a: string, b: string, options: Flags, context: CommandContext): Promise<CompareResult> {
  const { engine, dataRoot } = context;
  const named = [a, b].map((text) => subjectOf(text, options, context));
  const builder = options.build ? await engine.builderBeside(dataRoot, named) : undefined;
  const subjects: CompareSubject[] = [];
  for (const subject of named) {
    subjects.push(
      builder !== undefined && subject.kind === 'dockerfile' ? await built(subject, builder, context) : subject,
    );
  }
  const [one, other] = subjects;
  if (one === undefined || other === undefined) throw new LayerlabError('LL_USAGE', 'two are compared');
  return engine.compare({ dataRoot, a: one, b: other, ignoreTimes: options['ignore-times'] });
}

/** A path that is there names a Dockerfile; any other text, an image. `./` in front makes a path of what is a name too. */
function subjectOf(text: string, options: Flags, { env }: CommandContext): CompareSubject {
  const stat = statOf(text);
  if (stat === undefined || (stat.isDirectory() && !/[./]/.test(text))) return { kind: 'image', image: text };
  const { target } = options;
  return {
    kind: 'dockerfile',
    shownAs: text,
    file: {
      context: stat.isDirectory() ? text : dirname(resolve(text)),
      ...(stat.isDirectory() ? {} : { file: resolve(text) }),
      ...(options.builder || env.DOCKER_BUILDKIT ? { builder: builderOf(options, env) } : {}),
      buildArgs: readBuildArgs(options['build-arg'], env),
      ...(target ? { target } : {}),
    },
  };
}

/** A folder that has the name of no image was meant, most likely. */
function withFolderHint(error: unknown, texts: readonly string[]): unknown {
  if (!(error instanceof LayerlabError) || error.code !== 'LL_NOT_FOUND') return error;
  const folder = texts.find((text) => !/[./]/.test(text) && statOf(text)?.isDirectory());
  if (folder === undefined) return error;
  return new LayerlabError('LL_NOT_FOUND', error.message, {
    cause: error,
    hint: `Write ./${folder} for the Dockerfile in that folder.`,
  });
}

/** What no system call takes for a path is none. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

async function built(
  { file, shownAs }: Extract<CompareSubject, { kind: 'dockerfile' }>,
  beside: BuilderName,
  context: CommandContext,
): Promise<CompareSubject> {
  const { engine, dataRoot } = context;
  const builder = file.builder ?? beside;
  const progress = chooseProgress('auto', builder, context);
  let failed = true;
  try {
    const { imageId } = await engine.build({
      ...{ dataRoot, ...file, builder, signal: context.catchSignals() },
      onEvent: (event) => progress.event(event),
    });
    failed = false;
    return { kind: 'image', image: imageId, shownAs };
  } finally {
    progress.finish(failed);
  }
}

function readTop(text: string | undefined): number {
  if (text === undefined) return TOP;
  if (/^\d{1,9}$/.test(text)) return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
  throw new LayerlabError('LL_USAGE', `--top is ${JSON.stringify(text)}, not a number`);
}

/** The result with its paths as text. */
function readable(result: CompareResult): unknown {
  return {
    ...result,
    files: result.files?.map((file) => ({ ...file, path: `/${fromByteString(file.path)}` })),
  };
}
