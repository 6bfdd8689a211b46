import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BuildOptions, CompatName } from '../../engine/build-options.ts';
import type { PlanRequest } from '../../engine/plan-result.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { ioError } from '../../host/io-error.ts';
import { builderOf, buildFlags, isRemoteContext, readBuildArgs } from '../build-flags.ts';
import { type CommandContext, defineCommand, type OptionTable, type OptionValues } from '../command.ts';
import { dockerfileFromStdin } from '../dockerfile-from-stdin.ts';
import { following } from '../following.ts';
import { writeList } from '../list-format.ts';
import { comparePlans } from '../plan/compare-plans.ts';
import { drawPlan } from '../plan/draw-plan.ts';
import { choosePaint } from '../plan/paint.ts';
import { PLAN_HEADERS, planRows } from '../plan/plan-rows.ts';
import { contextFromStdin } from '../stdin-context.ts';

const TABLE = 'table {{.Stage}}\\t{{.Line}}\\t{{.Kind}}\\t{{.Layers}}\\t{{.Cache}}\\t{{.Step}}';

const flags = {
  'build-arg': buildFlags['build-arg'],
  builder: buildFlags.builder,
  compat: buildFlags.compat,
  changed: { type: 'list', describe: 'Show what cannot come from the cache when this file of the context changes' },
  file: buildFlags.file,
  format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template, once a line of the plan" },
  target: buildFlags.target,
} as const satisfies OptionTable;

type Flags = OptionValues<typeof flags>;
type Request = PlanRequest & Pick<BuildOptions, 'contextArchive' | 'signal' | 'onEvent'>;

/** `layerlab plan`: what a build would do, drawn; nothing is built. */
export const plan = defineCommand({
  name: 'plan',
  usage: '[OPTIONS] [PATH | DOCKERFILE | URL | -]...',
  describe: 'Show the stages, layers and variables of a Dockerfile without building it',
  arguments: [0, Number.MAX_SAFE_INTEGER],
  options: flags,
  examples: [
    ['layerlab plan --changed words.txt samples/build-then-ship', 'Which lines run again when words.txt changes'],
    ['layerlab plan samples/static-site samples/config-or-layer', 'Two Dockerfiles side by side'],
    ["layerlab plan --format '{{.Line}} {{.Kind}}' .", 'Which line makes a layer'],
  ],
  async run(args, options, context) {
    const { engine, stdout, env } = context;
    const requests = await readRequests(args.length === 0 ? ['.'] : args, options, context);
    const plans = [];
    for (const request of requests) plans.push(await following(request, context, (one) => engine.plan(one)));
    const { format } = options;
    if (format) {
      const rows = plans.flatMap(planRows);
      const list = {
        format: format === 'table' ? TABLE : format,
        headers: PLAN_HEADERS,
        typeName: '*plan.lineContext',
      };
      writeList(rows, list, stdout);
      return 0;
    }
    const paint = choosePaint(stdout.isTTY, env);
    const { columns } = stdout.size();
    const [only] = plans;
    const isOne = plans.length === 1 && only !== undefined;
    stdout.write(isOne ? drawPlan(only, paint, columns) : comparePlans(plans, paint, columns));
    return 0;
  },
});

async function readRequests(
  paths: readonly string[],
  options: Flags,
  context: CommandContext,
): Promise<readonly Request[]> {
  const wantsFile = options.file !== undefined && options.file !== '';
  if (paths.length > 1 && (wantsFile || paths.includes('-'))) {
    throw new LayerlabError(
      'LL_USAGE',
      'several Dockerfiles are compared by their paths: neither -f nor - goes with it',
    );
  }
  const common = {
    dataRoot: context.dataRoot,
    builder: builderOf(options, context.env),
    buildArgs: readBuildArgs(options['build-arg'], context.env),
    changed: options.changed,
    ...(options.compat === undefined ? {} : { compat: options.compat as CompatName }),
    ...(options.target ? { target: options.target } : {}),
  };
  const [path = '.'] = paths;
  if (path === '-') {
    const given = await contextFromStdin(context);
    if (given.dockerfileText !== undefined && wantsFile) {
      throw new LayerlabError('LL_USAGE', '- is a Dockerfile on stdin, and -f names another');
    }
    return [{ ...common, context: undefined, ...given, ...(wantsFile ? { file: options.file } : {}) }];
  }
  if (options.file === '-') {
    return [{ ...common, context: path, dockerfileText: await dockerfileFromStdin(context) }];
  }
  if (wantsFile && isRemoteContext(path)) return [{ ...common, context: path, file: options.file }];
  if (wantsFile && options.file !== undefined) return [{ ...common, context: path, file: resolve(options.file) }];
  return paths.map((one) => ({ ...common, ...placeOf(one, paths.length > 1) }));
}

/** A folder is a context with a Dockerfile in it; a file is a Dockerfile whose folder is the context. */
function placeOf(path: string, several: boolean): Pick<PlanRequest, 'context' | 'file' | 'shownAs'> {
  if (isRemoteContext(path)) return { context: path, ...(several ? { shownAs: path } : {}) };
  const isFile = isRegularFile(path);
  return {
    context: isFile ? dirname(path) : path,
    ...(isFile ? { file: resolve(path) } : {}),
    ...(several || isFile ? { shownAs: path } : {}),
  };
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    throw ioError(error, `looking at ${path}`);
  }
}
