import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BuildResult } from '../../engine/build-options.ts';
import { solveError } from '../../engine/solve-error.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { ioError } from '../../host/io-error.ts';
import { type BuildFlags, builderOf, buildFlags, readBuildOptions } from '../build-flags.ts';
import { stageWarnings } from '../build-stage-flags.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { following } from '../following.ts';
import { printLint } from '../lint-report/print-lint.ts';
import { prepareMetadataFile, writeMetadataFile } from '../metadata-file.ts';
import { chooseProgress, PROGRESS_MODES, type ProgressMode } from '../progress/choose-progress.ts';

/** `layerlab build`: builds a Dockerfile into the data-root. */
export const build = defineCommand({
  name: 'build',
  usage: '[OPTIONS] PATH | URL | -',
  describe: 'Build an image from a Dockerfile',
  arguments: [1, 1],
  writes: true,
  options: buildFlags,
  examples: [
    ['layerlab build -t app .', 'Build the Dockerfile of this folder'],
    ['layerlab build -t app --builder classic --build-arg VERSION=1.2 .', 'As the classic builder would'],
    ["printf 'FROM scratch\\n' | layerlab build -q -", 'A Dockerfile from stdin, without a context'],
    ['tar -cz . | layerlab build -f docker/Dockerfile -', 'A context from stdin, and a Dockerfile in it'],
    ['layerlab build https://example.org/app.git#v1:docker', 'A folder of a git repository, at a tag'],
  ],
  async run([path = ''], flags, context) {
    if (flags.check) {
      const checked = await readBuildOptions(path, flags, context);
      return printLint(await following(checked, context, (options) => context.engine.lint(options)), 'text', context);
    }
    const builder = builderOf(flags, context.env);
    const progress = chooseProgress(progressMode(flags, context), builder, context);
    const options = await readBuildOptions(path, flags, context);
    if (flags.iidfile) prepareIdFile(flags.iidfile);
    if (flags['metadata-file']) prepareMetadataFile(flags['metadata-file']);
    for (const text of stageWarnings(flags, builder)) progress.event({ kind: 'warning', text });
    const signal = context.catchSignals();
    let result: BuildResult;
    try {
      result = await context.engine.build({
        ...options,
        ownsProcess: true,
        signal,
        onEvent: (event) => progress.event(event),
      });
    } catch (error) {
      progress.finish(true);
      if (signal.aborted) throw new LayerlabError('LL_INTERRUPTED', 'interrupted', { cause: error });
      throw builder === 'buildkit' ? solveError(error, options.compat) : error;
    }
    progress.finish(false);
    if (flags.iidfile) writeIdFile(flags.iidfile, result.imageId);
    if (flags['metadata-file']) writeMetadataFile(flags['metadata-file'], result);
    if (flags.quiet) context.stdout.write(`${result.imageId}\n`);
    return 0;
  },
});

function progressMode(flags: BuildFlags, { env }: CommandContext): ProgressMode {
  if (flags.quiet) return 'quiet';
  const mode = flags.progress ?? env.BUILDKIT_PROGRESS ?? 'auto';
  const known = PROGRESS_MODES.find((name) => name === mode);
  if (known !== undefined) return known;
  throw new LayerlabError(
    'LL_USAGE',
    `invalid value ${JSON.stringify(mode)} for BUILDKIT_PROGRESS: valid values are: ${PROGRESS_MODES.join(', ')}`,
  );
}

// A stale id must not outlive a build that fails.
function prepareIdFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw ioError(error, 'removing the image ID file');
  }
}

function writeIdFile(file: string, id: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, id);
  } catch (error) {
    throw ioError(error, 'writing the image ID file');
  }
}
