import { LayerlabError } from '../errors/layerlab-error.ts';
import { builderProfile } from '../profiles/builder-profile.ts';
import type { CompatName } from './build-options.ts';

const DEFINITION: ReadonlySet<string> = new Set(['LL_PARSE', 'LL_UNSUPPORTED']);
const EXECUTION: ReadonlySet<string> = new Set(['LL_BUILD_FAILED', 'LL_RUN_FAILED', 'LL_SOURCE_NOT_FOUND', 'LL_FETCH']);

/**
 * An error of a BuildKit build as the docker client of that version shows it: `failed to solve: ` in front, with 20.10 only
 * where the Dockerfile is at fault. Other errors come back as they are.
 */
export function solveError(error: unknown, compat: CompatName | undefined): unknown {
  if (!(error instanceof LayerlabError)) return error;
  const { definition, execution } = builderProfile('buildkit', compat).solveErrors;
  const prefix = DEFINITION.has(error.code) ? definition : EXECUTION.has(error.code) ? execution : '';
  if (prefix === '' || error.message.startsWith(prefix)) return error;
  return new LayerlabError(error.code, prefix + error.message, {
    cause: error,
    exitCode: error.exitCode,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.location === undefined ? {} : { location: error.location }),
  });
}
