import type { Builder, ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** Instructions on the base that has everything. */
export const on = (instructions: string): string => `FROM conf/base\n${instructions}\n`;

/** A build that fails with both builders unless `more` names one; the context has `a`, `b` and `d/x`. */
export const fails = (
  name: string,
  dockerfile: string,
  message: string | Readonly<Record<Builder, string>>,
  more: Partial<ConformanceCase> = {},
): ConformanceCase => ({
  name,
  dockerfile,
  context: [file('a'), file('b'), file('d/x')],
  expectFailure: message,
  ...more,
});

/** What cannot be split into instructions: the classic builder says so in front. */
export const syntax = (name: string, dockerfile: string, message: string): ConformanceCase =>
  fails(name, dockerfile, { buildkit: message, classic: `failed to parse Dockerfile: ${message}` });
