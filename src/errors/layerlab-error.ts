import { type CatalogueRow, catalogue, type ErrorCode } from './catalogue.ts';

/** Where in a Dockerfile an error stands: 1-based lines, 0-based columns, the end column exclusive. */
export interface SourceLocation {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn?: number;
  readonly endColumn?: number;
  /** The whole text of the file, so that the place can be shown with its neighbours. */
  readonly source: string;
}

export interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly location?: SourceLocation;
  /** Overrides the exit code that the catalogue gives, e.g. the code of a failed RUN for the classic builder. */
  readonly exitCode?: number;
}

/** Every failure a user can meet. `message` is one sentence; `code` is stable and listed in docs/ERRORS.md. */
export class LayerlabError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'LayerlabError';
    this.code = code;
    const row: CatalogueRow = catalogue[code];
    this.hint = details.hint ?? row.hint;
    this.location = details.location;
    this.exitCode = details.exitCode ?? row.exit;
  }

  /** The same error, standing at a place in a Dockerfile; a location it already has is kept. */
  at(location: SourceLocation): LayerlabError {
    if (this.location !== undefined) return this;
    return new LayerlabError(this.code, this.message, {
      cause: this.cause,
      location,
      exitCode: this.exitCode,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    });
  }

  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      exitCode: this.exitCode,
      location: this.location,
    };
  }
}
