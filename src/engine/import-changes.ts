import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ContainerConfig, emptyContainerConfig } from '../formats/container-config.ts';
import { parseDockerfile } from '../parser/parse-dockerfile.ts';
import { planBuild } from '../planner/plan-build.ts';
import type { Platform } from '../planner/plan-options.ts';

/** moby builder/dockerfile/builder.go validCommitCommands. */
const ALLOWED = new Set([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

/**
 * The config that Dockerfile instructions make of nothing, as `docker import --change` takes them (moby
 * builder/dockerfile/builder.go BuildFromConfig). Throws LL_PARSE in docker's words.
 */
export function configFromChanges(changes: readonly string[], platform: Platform): ContainerConfig {
  if (changes.length === 0) return emptyContainerConfig;
  for (const change of changes) {
    const keyword = (change.trim().split(/\s/, 1)[0] ?? '').toUpperCase();
    if (!ALLOWED.has(keyword)) throw new LayerlabError('LL_PARSE', `${keyword} is not a valid change command`);
  }
  const dockerfile = inChangeWords(() =>
    parseDockerfile(['FROM base', ...changes].join('\n'), { fileName: '--change' }),
  );
  const instructions = dockerfile.stages.flatMap((stage) => stage.instructions);
  const strange = instructions.find(({ kind }) => !ALLOWED.has(kind));
  if (strange !== undefined || dockerfile.stages.length !== 1) {
    throw new LayerlabError('LL_PARSE', `${strange?.kind ?? 'FROM'} is not a valid change command`);
  }
  const plan = inChangeWords(() =>
    planBuild(dockerfile, {
      builder: 'classic',
      buildArgs: new Map(),
      labels: new Map(),
      network: 'none',
      platform,
      resolveBase: () => ({ config: emptyContainerConfig, author: '' }),
    }),
  );
  const stage = plan.stages[0];
  const config = stage?.steps.at(-1)?.config ?? emptyContainerConfig;
  const setsPath = instructions.some((one) => one.kind === 'ENV' && one.pairs.some(({ key }) => key === 'PATH'));
  // A build gives an image without a search path the usual one; an import does not.
  return setsPath ? config : { ...config, env: withoutPath(config.env) };
}

function withoutPath(env: readonly string[] | null): readonly string[] | null {
  const rest = env?.filter((entry) => !entry.startsWith('PATH=')) ?? [];
  return rest.length === 0 ? null : rest;
}

/** There is no file, so an error names no line of one. */
function inChangeWords<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    const message = error.message.replace(/^dockerfile parse error on line \d+: /i, '');
    throw new LayerlabError(error.code, message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
