import { type DockerfileSyntax, fileSyntax, syntax28 } from '../profiles/dockerfile-syntax.ts';
import { DirectiveReader, type Directives } from './directives.ts';
import { findHeredocs } from './find-heredocs.ts';
import { trimGoSpaceLeft } from './go-text.ts';
import type { Heredoc, SourceRange } from './instruction.ts';
import type { InstructionRequest } from './instruction-request.ts';
import { parseArguments } from './parse-arguments.ts';
import { InstructionProblem, parseError, type SourceFile } from './parse-error.ts';
import { LineReader, MAX_LINE, trimNewline } from './read-lines.ts';
import { splitCommand } from './split-command.ts';

/** What the first pass over a file finds. */
export interface RawDockerfile {
  readonly directives: Directives;
  /** The language of the version with what the file's frontend adds. */
  readonly syntax: DockerfileSyntax;
  readonly instructions: readonly InstructionRequest[];
  /** Warnings about empty continuation lines, in docker's words. */
  readonly warnings: readonly string[];
  /** Where those instructions end: the place that docker names for the warning. */
  readonly emptyContinuations: readonly number[];
  /** The comments above an instruction, by its first line; an empty comment parts them from those before it. */
  readonly comments: ReadonlyMap<number, readonly string[]>;
}

const NONE: readonly { heredoc: Heredoc; terminatorWidth: number }[] = Object.freeze([]);
const NO_DOCUMENTS: readonly Heredoc[] = Object.freeze([]);

function isComment(line: string): boolean {
  return trimGoSpaceLeft(line).startsWith('#');
}

/** A line without its continuation mark, and whether it had one. A doubled escape at the end is none. */
function trimContinuation(line: string, escapeToken: string): { text: string; continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  if (end === 0 || line[end - 1] !== escapeToken) return { text: line, continues: false };
  if (end > 1 && line[end - 2] === escapeToken) return { text: line, continues: false };
  return { text: line.slice(0, end - 1), continues: true };
}

/**
 * The first pass: physical lines to logical ones, inline documents included, each split into its words (buildkit
 * parser/parser.go Parse). Throws LL_PARSE in docker's words.
 *
 * @param frontend taken in place of the file's `# syntax=` line (BUILDKIT_SYNTAX)
 */
export function readInstructions(
  file: SourceFile,
  version: DockerfileSyntax = syntax28,
  frontend?: string,
): RawDockerfile {
  const reader = new LineReader(file.source.startsWith('\ufeff') ? file.source.slice(1) : file.source);
  const directives = new DirectiveReader(version.directives);
  const instructions: InstructionRequest[] = [];
  const warnings: string[] = [];
  const emptyContinuations: number[] = [];
  const comments = new Map<number, readonly string[]>();
  let above: string[] = [];
  let syntax: DockerfileSyntax | undefined;
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    const startLine = reader.line;
    const bare = trimNewline(line);
    const trimmed = trimGoSpaceLeft(bare);
    const startColumn = bare.length - trimmed.length;
    try {
      const isDirective = directives.read(trimmed);
      if (trimmed === '') continue;
      if (trimmed.startsWith('#')) {
        const comment = trimmed.slice(1).trim();
        if (comment === '') above = [];
        else if (!isDirective) above.push(comment);
        continue;
      }
      if (above.length > 0) {
        comments.set(startLine, above);
        above = [];
      }
      const joined = joinContinuations(reader, directives, trimmed, bare.length);
      if (joined === undefined) continue;
      if (joined.hasEmpty) {
        warnings.push(`Empty continuation line found in: ${joined.text}`);
        emptyContinuations.push(reader.line);
      }
      syntax ??= fileSyntax(version, frontend ?? directives.result().syntax);
      const parts = splitCommand(joined.text);
      const args = parseArguments(parts, directives.escapeToken);
      const heredocs =
        syntax.heredocs && args.mayHaveHeredocs && joined.text.includes('<<')
          ? readHeredocs(reader, joined.text)
          : NONE;
      const range: SourceRange = Object.freeze({
        startLine,
        endLine: reader.line,
        startColumn,
        endColumn: heredocs.length > 0 ? (heredocs.at(-1)?.terminatorWidth ?? 0) : joined.endColumn,
      });
      const documents = heredocs.length === 0 ? NO_DOCUMENTS : Object.freeze(heredocs.map(({ heredoc }) => heredoc));
      instructions.push({ line: joined.text, parts, range, heredocs: documents, args, syntax });
    } catch (error) {
      if (!(error instanceof InstructionProblem)) throw error;
      throw parseError(error.message, file, {
        startLine,
        endLine: reader.line,
        startColumn,
        endColumn: bare.length,
      });
    }
  }
  const end = { startLine: Math.max(reader.line, 1), endLine: Math.max(reader.line, 1), startColumn: 0, endColumn: 0 };
  if (syntax === undefined) throw parseError('file with no instructions', file, end);
  if (reader.tooLong) {
    const at = { ...end, startLine: reader.line + 1, endLine: reader.line + 1 };
    throw parseError(`dockerfile line greater than max allowed size of ${MAX_LINE}`, file, at);
  }
  return { directives: directives.result(), syntax, instructions, warnings, emptyContinuations, comments };
}

interface JoinedLine {
  readonly text: string;
  readonly endColumn: number;
  readonly hasEmpty: boolean;
}

/** Joins a first line with what continues it; comments and empty lines between are left out. */
function joinContinuations(
  reader: LineReader,
  directives: DirectiveReader,
  first: string,
  firstWidth: number,
): JoinedLine | undefined {
  let { text, continues } = trimContinuation(first, directives.escapeToken);
  if (!continues) return { text, endColumn: firstWidth, hasEmpty: false };
  const pieces = [text];
  let endColumn = firstWidth;
  let hasEmpty = false;
  while (continues) {
    const line = reader.next();
    if (line === undefined) break;
    const bare = trimNewline(line);
    if (isComment(bare)) continue;
    if (trimGoSpaceLeft(bare) === '') {
      hasEmpty = true;
      continue;
    }
    ({ text, continues } = trimContinuation(bare, directives.escapeToken));
    pieces.push(text);
    endColumn = bare.length;
  }
  return { text: pieces.join(''), endColumn, hasEmpty };
}

function readHeredocs(reader: LineReader, line: string): { heredoc: Heredoc; terminatorWidth: number }[] {
  return findHeredocs(line).map((announced) => {
    const pieces: string[] = [];
    for (let row = reader.next(); row !== undefined; row = reader.next()) {
      const bare = trimNewline(row);
      const candidate = announced.chomp ? bare.replace(/^\t+/, '') : bare;
      if (candidate === announced.name) {
        return { heredoc: Object.freeze({ ...announced, data: pieces.join('') }), terminatorWidth: bare.length };
      }
      pieces.push(row);
    }
    throw new InstructionProblem('unterminated heredoc');
  });
}
