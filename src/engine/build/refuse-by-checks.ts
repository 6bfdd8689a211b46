import type { Dockerfile } from '../../parser/parse-dockerfile.ts';
import type { BuilderProfile } from '../../profiles/builder-profile.ts';
import type { LintOptions } from '../lint.ts';
import type { BuildInput } from './read-input.ts';

/**
 * Runs the build checks where a Dockerfile (`# check=`) or a build argument (`BUILDKIT_DOCKERFILE_CHECK`) says something of them,
 * as BuildKit does in every build: a finding ends it under `error=true`. They come after all
 * that planning refuses, and look at what the build reaches alone.
 *
 * @throws LL_CHECK for findings that are to be errors, LL_PARSE for options that are none
 */
export async function refuseByChecks(
  dockerfile: Dockerfile,
  { builder }: BuilderProfile,
  options: LintOptions,
  input: Pick<BuildInput, 'fileName' | 'text'> & { readonly ignore?: BuildInput['ignore'] },
): Promise<void> {
  if (builder !== 'buildkit' || !dockerfile.syntax.directives.has('check')) return;
  const asked = dockerfile.directives.check ?? options.buildArgs?.BUILDKIT_DOCKERFILE_CHECK;
  if (asked === undefined) return;
  const { lintInput } = await import('../lint.ts');
  const { error } = lintInput(options, { ...input, ignore: input.ignore, path: input.fileName }, true);
  // What else ends the checks early has been told by the planner, or is none of the build's.
  if (error?.code === 'LL_CHECK') throw error;
}
