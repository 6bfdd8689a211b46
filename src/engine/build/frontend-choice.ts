import type { FrontendChoice } from '../../parser/read-instructions.ts';
import type { Builder } from '../../profiles/builder-profile.ts';
import { frontendFeatures } from '../../profiles/frontend-features.ts';

/**
 * Which frontend reads a file, besides what its `# syntax=` line says: BUILDKIT_SYNTAX comes before the line, and the
 * classic builder has one parser and knows no other.
 */
export function frontendChoice(
  builder: Builder,
  buildArgs: Readonly<Record<string, string | undefined>> | undefined,
): FrontendChoice {
  if (builder === 'classic') return { features: frontendFeatures(undefined) };
  const syntax = buildArgs?.BUILDKIT_SYNTAX;
  return syntax === undefined || syntax === '' ? {} : { syntax };
}
