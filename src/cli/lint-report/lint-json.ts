import type { LintFinding, LintResult } from '../../engine/lint.ts';
import type { SourceLocation } from '../../errors/layerlab-error.ts';
import { checkRules } from '../../parser/checks/rules.ts';

const descriptions: ReadonlyMap<string, string> = new Map(
  checkRules.map(({ name, description }) => [name, description]),
);

/** The report in the shape of `docker build --call check,format=json`; a range has columns where they are known. */
export function lintJson({ findings, error, file, source }: LintResult): Record<string, unknown> {
  return {
    warnings: findings.map(warning),
    sources: [{ filename: file, data: Buffer.from(source).toString('base64'), language: 'Dockerfile' }],
    ...(error === undefined ? {} : { buildError: { message: error.message, ...errorLocation(error.location) } }),
  };
}

function warning({ rule, url, message, startLine, endLine, place }: LintFinding): Record<string, unknown> {
  const range =
    place === undefined
      ? { start: { line: startLine }, end: { line: endLine } }
      : {
          start: { line: place.line, character: place.startColumn },
          end: { line: place.line, character: place.endColumn },
        };
  return {
    ruleName: rule,
    description: descriptions.get(rule) ?? '',
    ...(url === '' ? {} : { url }),
    detail: message,
    location: { ranges: [range] },
  };
}

function errorLocation(location: SourceLocation | undefined): Record<string, unknown> {
  if (location === undefined) return {};
  const { startLine, endLine } = location;
  return { location: { ranges: [{ start: { line: startLine }, end: { line: endLine } }] } };
}
