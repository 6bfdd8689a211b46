import type { LintFinding, LintResult } from '../../engine/lint.ts';
import { dockerfileExcerpt } from '../dockerfile-excerpt.ts';

/** The report in docker's shape, piece by piece: the count, then each warning with its lines, the word meant underlined. */
export function* lintText({ findings, error, file, source }: LintResult): Generator<string> {
  const count = findings.length;
  if (count === 0) {
    if (error === undefined) yield 'Check complete, no warnings found.\n';
    return;
  }
  yield `Check complete, ${count} ${count === 1 ? 'warning has' : 'warnings have'} been found!\n`;
  for (const finding of findings) yield warning(finding, file, source);
}

function warning({ rule, url, message, startLine, endLine, place }: LintFinding, file: string, source: string): string {
  const exact =
    place === undefined
      ? { startLine, endLine }
      : { startLine: place.line, endLine: place.line, startColumn: place.startColumn, endColumn: place.endColumn };
  const excerpt = dockerfileExcerpt({ file, source, startLine, endLine }, exact);
  return `\nWARNING: ${rule}${url === '' ? '' : ` - ${url}`}\n${message}\n${excerpt}`;
}
