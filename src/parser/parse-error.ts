import { LayerlabError, type SourceLocation } from '../errors/layerlab-error.ts';
import type { SourceRange } from './instruction.ts';

/** The file an instruction comes from, for the location of errors. */
export interface SourceFile {
  readonly fileName: string;
  readonly source: string;
}

/** The location of a range in a Dockerfile. */
export function locationOf(file: SourceFile, range: SourceRange): SourceLocation {
  return {
    file: file.fileName,
    startLine: range.startLine,
    endLine: range.endLine,
    startColumn: range.startColumn,
    endColumn: range.endColumn,
    source: file.source,
  };
}

/** Raised inside the parser where the place is not known yet; `parseDockerfile` puts the line to it. */
export class InstructionProblem extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** An LL_PARSE error at a place. */
export function parseError(message: string, file: SourceFile, range: SourceRange, hint?: string): LayerlabError {
  return new LayerlabError('LL_PARSE', message, {
    location: locationOf(file, range),
    ...(hint === undefined ? {} : { hint }),
  });
}
