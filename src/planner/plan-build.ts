import type { Dockerfile } from '../parser/parse-dockerfile.ts';
import { planBuildkit } from './plan-buildkit.ts';
import { planClassic } from './plan-classic.ts';
import type { PlanOptions } from './plan-options.ts';
import type { Plan } from './step.ts';

/**
 * Plans a parsed Dockerfile: which stages are needed, and what each instruction does, with everything expanded. Pure;
 * `resolveBase` is asked only for images that needed stages stand on. Throws LL_PARSE and LL_REFERENCE in docker's words,
 * LL_UNSUPPORTED for what layerlab does not build, LL_NOT_FOUND for a base that is not there, each with its place.
 */
export function planBuild(dockerfile: Dockerfile, options: PlanOptions): Plan {
  return options.builder === 'buildkit' ? planBuildkit(dockerfile, options) : planClassic(dockerfile, options);
}
