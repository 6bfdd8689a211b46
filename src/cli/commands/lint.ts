import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { buildFlags, readBuildOptions } from '../build-flags.ts';
import { NO_STAGE_FLAGS } from '../build-stage-flags.ts';
import { defineCommand } from '../command.ts';
import { following } from '../following.ts';
import { type LintFormat, printLint } from '../lint-report/print-lint.ts';

/** `layerlab lint`: docker's build checks on a Dockerfile, without a build. */
export const lint = defineCommand({
  name: 'lint',
  usage: '[OPTIONS] [PATH | DOCKERFILE | URL | -]',
  describe: 'Check a Dockerfile as docker build --check does; exit code 1 if something is found',
  arguments: [0, 1],
  options: {
    'build-arg': buildFlags['build-arg'],
    file: buildFlags.file,
    format: { type: 'string', choices: ['text', 'json', 'sarif'], describe: 'text, json (as docker) or sarif (2.1.0)' },
    target: { type: 'string', describe: 'Check this stage and what it needs (default: every stage)' },
  },
  examples: [
    ["printf 'FROM scratch\\nENV A 1\\n' | layerlab lint -", 'Warns of LegacyKeyValueFormat on line 2'],
    ['layerlab lint --build-arg BUILDKIT_DOCKERFILE_CHECK=skip=JSONArgsRecommended .', 'All rules but one'],
    ['layerlab lint --format sarif docker/app.Dockerfile > checks.sarif', 'For a code host or an editor'],
  ],
  async run([path = '.'], flags, context) {
    const isFile = path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    const options = await readBuildOptions(
      isFile ? dirname(path) : path,
      { ...NO_BUILD_FLAGS, ...flags, ...(isFile && flags.file === undefined ? { file: path } : {}) },
      context,
    );
    // What is shown and written to reports is the path as it was given.
    const shown = isFile && flags.file === undefined ? { file: path } : {};
    const result = await following({ ...options, ...shown }, context, (one) => context.engine.lint(one));
    return printLint(result, readFormat(flags.format), context);
  },
});

const NO_BUILD_FLAGS = {
  allow: [],
  ...NO_STAGE_FLAGS,
  builder: 'buildkit',
  check: true,
  compat: undefined,
  iidfile: undefined,
  label: [],
  network: undefined,
  'no-cache': false,
  progress: undefined,
  quiet: false,
  runtime: undefined,
  secret: [],
  ssh: [],
  tag: [],
  timestamp: undefined,
} as const;

function readFormat(text: string | undefined): LintFormat {
  return text === 'json' || text === 'sarif' ? text : 'text';
}
