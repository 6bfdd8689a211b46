import { LayerlabError } from '../errors/layerlab-error.ts';
import { processWord } from '../parser/expand-word.ts';
import type { Dockerfile } from '../parser/parse-dockerfile.ts';
import { builderProfile } from '../profiles/builder-profile.ts';
import { atInstruction } from './plan-error.ts';
import type { PlanOptions } from './plan-options.ts';
import { platformArgs } from './platforms.ts';

/** The build arguments of the command line that have a value. */
export function givenArgs({ buildArgs }: PlanOptions): ReadonlyMap<string, string> {
  return new Map([...buildArgs].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** BuildKit's global scope: the platform arguments, then the ARGs before the first FROM. */
export function globalArgs(dockerfile: Dockerfile, options: PlanOptions): ReadonlyMap<string, string> {
  const given = givenArgs(options);
  const { targetStageArg, malformedGlobalArg } = builderProfile('buildkit', options.compat);
  const targetStage = targetStageArg ? options.target || dockerfile.stages.at(-1)?.name || 'default' : undefined;
  const args = new Map<string, string>();
  const { platform, buildPlatform } = options;
  for (const [key, value] of platformArgs(platform, targetStage, buildPlatform)) args.set(key, given.get(key) ?? value);
  for (const meta of dockerfile.metaArgs) {
    for (const { key, value } of meta.args) {
      const override = given.get(key);
      if (override !== undefined) args.set(key, override);
      else if (value !== undefined) {
        const expand = (): string => processWord(value, args, dockerfile.words);
        const forgiven = malformedGlobalArg === 'empty';
        args.set(key, forgiven ? emptyIfMalformed(expand) : atInstruction(dockerfile, meta.range, expand));
      }
    }
  }
  return args;
}

function emptyIfMalformed(expand: () => string): string {
  try {
    return expand();
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_PARSE') return '';
    throw error;
  }
}
