import type { ParseOptions } from '../../parser/parse-dockerfile.ts';
import type { BuilderProfile } from '../../profiles/builder-profile.ts';

/** Which language a file is in, besides what its `# syntax=` line says: that of the profile; BUILDKIT_SYNTAX comes before the line. */
export function frontendChoice(
  { syntax }: BuilderProfile,
  buildArgs: Readonly<Record<string, string | undefined>> | undefined,
): Pick<ParseOptions, 'syntax' | 'frontend'> {
  const frontend = buildArgs?.BUILDKIT_SYNTAX;
  return { syntax, ...(frontend === undefined || frontend === '' ? {} : { frontend }) };
}
