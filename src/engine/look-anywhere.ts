import { type FetchOptions, withFetchedInput } from './build/fetched-input.ts';
import { comesFromElsewhere } from './build/remote-input.ts';
import { type LintOptions, type LintResult, lint, lintInput } from './lint.ts';
import { plan, planInput } from './plan.ts';
import type { PlanRequest, PlanResult } from './plan-result.ts';

/** How a context that is no folder comes: see `BuildOptions`. */
type Fetch = Pick<FetchOptions, 'contextArchive' | 'signal' | 'onEvent'>;

/**
 * As `lint`; the context may also be a repository, a URL or a tar, whose .dockerignore does not count, as in a build.
 *
 * @throws what `lint` throws, and LL_FETCH and more for a context that cannot be had
 */
export async function lintAnywhere(options: LintOptions & Fetch): Promise<LintResult> {
  if (!comesFromElsewhere({ ...options, builder: 'buildkit' })) return lint(options);
  return withFetchedInput(options, ({ fileName, text }) =>
    lintInput(options, { fileName, text, ignore: undefined, path: fileName }),
  );
}

/** As `plan`, of what `lintAnywhere` takes. */
export async function planAnywhere(request: PlanRequest & Fetch): Promise<PlanResult> {
  if (!comesFromElsewhere({ ...request, builder: 'buildkit' })) return plan(request);
  return withFetchedInput(request, (input) => planInput(request, input, '/'));
}
