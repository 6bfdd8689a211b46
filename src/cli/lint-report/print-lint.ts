import type { LintResult } from '../../engine/lint.ts';
import type { CommandContext } from '../command.ts';
import { harmlessText } from '../harmless-text.ts';
import { lintJson } from './lint-json.ts';
import { lintSarif } from './lint-sarif.ts';
import { lintText } from './lint-text.ts';

export type LintFormat = 'text' | 'json' | 'sarif';

/**
 * Prints what the build checks found and gives the exit code: 1 where they found something. Throws the error that ended
 * them, or that the Dockerfile makes of a finding.
 */
export async function printLint(result: LintResult, format: LintFormat, context: CommandContext): Promise<number> {
  const { stdout, engine } = context;
  if (format === 'json') {
    stdout.write(`${JSON.stringify(lintJson(result), undefined, 2)}\n`);
  } else if (format === 'sarif') {
    const { version } = await engine.version();
    stdout.write(`${JSON.stringify(lintSarif(result, version), undefined, 2)}\n`);
  } else {
    for (const text of lintText(result)) stdout.write(stdout.isTTY ? harmlessText(text) : text);
  }
  if (result.error !== undefined) throw result.error;
  return result.findings.length > 0 ? 1 : 0;
}
