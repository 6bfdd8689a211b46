import { isAbsolute, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LintFinding, LintResult } from '../../engine/lint.ts';
import { checkRules } from '../../parser/checks/rules.ts';

/** The report as SARIF 2.1.0, the format that code hosts and editors take in. */
export function lintSarif({ findings, error, path }: LintResult, version: string): Record<string, unknown> {
  const uri = uriOf(path);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'layerlab', version, rules: checkRules.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: error === undefined || error.code === 'LL_CHECK',
            ...(error === undefined
              ? {}
              : { toolExecutionNotifications: [{ level: 'error', message: { text: error.message } }] }),
          },
        ],
        results: findings.map((finding) => result(finding, uri)),
      },
    ],
  };
}

function descriptor({ name, description, url }: (typeof checkRules)[number]): Record<string, unknown> {
  return { id: name, name, shortDescription: { text: description }, ...(url === '' ? {} : { helpUri: url }) };
}

function result({ rule, message, startLine, endLine, place }: LintFinding, uri: string): Record<string, unknown> {
  // Lines and columns of SARIF both begin with 1.
  const region =
    place === undefined
      ? { startLine, endLine }
      : {
          startLine: place.line,
          startColumn: place.startColumn + 1,
          endLine: place.line,
          endColumn: place.endColumn + 1,
        };
  return {
    ruleId: rule,
    ruleIndex: checkRules.findIndex(({ name }) => name === rule),
    level: 'warning',
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
  };
}

/** Relative to the folder of the process where the file is in it: that is how reports find their file elsewhere. */
function uriOf(path: string): string {
  const inside = relative('.', path);
  if (isAbsolute(inside) || inside.split(/[\\/]/)[0] === '..') return pathToFileURL(path).href;
  return inside.split(/[\\/]/).map(encodeURIComponent).join('/');
}
