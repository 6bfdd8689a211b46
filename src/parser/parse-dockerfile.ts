import { LayerlabError } from '../errors/layerlab-error.ts';
import { type DockerfileSyntax, syntax28 } from '../profiles/dockerfile-syntax.ts';
import type { Directives } from './directives.ts';
import type { WordRules } from './expand-word.ts';
import type { ArgInstruction, FromInstruction, Instruction } from './instruction.ts';
import type { InstructionRequest } from './instruction-request.ts';
import { InstructionProblem, parseError, type SourceFile } from './parse-error.ts';
import { parseInstruction } from './parse-instruction.ts';
import { type RawDockerfile, readInstructions } from './read-instructions.ts';

/** A FROM and what follows it. */
export interface Stage {
  readonly from: FromInstruction;
  /** The AS name, lower-cased; undefined without one. */
  readonly name: string | undefined;
  readonly instructions: readonly Exclude<Instruction, FromInstruction>[];
}

/** A parsed Dockerfile; nothing is expanded yet. */
export interface Dockerfile {
  readonly directives: Directives;
  /** The language of the file: that of the Docker version with the flags of the frontend that the file asks for. */
  readonly syntax: DockerfileSyntax;
  /** How words of the file are expanded. */
  readonly words: WordRules;
  /** ARGs before the first FROM. */
  readonly metaArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  readonly warnings: readonly string[];
  /** The last lines of the instructions that `warnings` are about. */
  readonly emptyContinuations: readonly number[];
  /** The comments right above instructions, by the instruction's first line. */
  readonly comments: ReadonlyMap<number, readonly string[]>;
  readonly fileName: string;
  /** The text as read, for error locations. */
  readonly source: string;
}

export interface ParseOptions {
  /** How the file is called in errors. */
  readonly fileName?: string;
  /** The frontend that is taken in place of that of the file's `# syntax=` line. */
  readonly frontend?: string;
  /** The language as a builder of a Docker version knows it; that of BuildKit in 28 by default. */
  readonly syntax?: DockerfileSyntax;
}

/**
 * Parses a Dockerfile as the parser of a Docker version does. Bytes that are no UTF-8 become U+FFFD. Throws LayerlabError
 * LL_PARSE with docker's message and the place; LL_LIMIT for inline documents whose delimiter is nested without end.
 */
export function parseDockerfile(text: string | Buffer, options: ParseOptions = {}): Dockerfile {
  const source = typeof text === 'string' ? text : text.toString('utf8');
  const version = options.syntax ?? syntax28;
  const file: SourceFile = { fileName: options.fileName ?? 'Dockerfile', source };
  if (source === '') {
    const nowhere = { startLine: 1, endLine: 1, startColumn: 0, endColumn: 0 };
    throw parseError(
      version.emptyFile.replace('{}', () => file.fileName),
      file,
      nowhere,
    );
  }
  const raw = readFile(file, version, options.frontend);
  const metaArgs: ArgInstruction[] = [];
  const stages: { from: FromInstruction; instructions: Exclude<Instruction, FromInstruction>[] }[] = [];
  for (const request of raw.instructions) {
    const instruction = parseAt(request, file);
    const stage = stages.at(-1);
    if (instruction.kind === 'FROM') stages.push({ from: instruction, instructions: [] });
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.kind === 'ARG') metaArgs.push(instruction);
    else throw parseError('no build stage in current context', file, instruction.range);
  }
  return Object.freeze({
    directives: raw.directives,
    syntax: raw.syntax,
    words: { escapeToken: raw.directives.escapeToken, allSubstitutions: raw.syntax.allSubstitutions },
    metaArgs: Object.freeze(metaArgs),
    stages: Object.freeze(
      stages.map(({ from, instructions }) =>
        Object.freeze({ from, name: from.name, instructions: Object.freeze(instructions) }),
      ),
    ),
    warnings: Object.freeze([...raw.warnings]),
    emptyContinuations: raw.emptyContinuations,
    comments: raw.comments,
    fileName: file.fileName,
    source,
  });
}

function readFile(file: SourceFile, syntax: DockerfileSyntax, frontend: string | undefined): RawDockerfile {
  try {
    return readInstructions(file, syntax, frontend);
  } catch (error) {
    if (syntax.unreadableFile === '' || !(error instanceof LayerlabError) || error.code !== 'LL_PARSE') throw error;
    const { message, hint, location } = error;
    throw new LayerlabError('LL_PARSE', syntax.unreadableFile.replace('{}', () => file.fileName) + message, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
      ...(location === undefined ? {} : { location }),
    });
  }
}

function parseAt(request: InstructionRequest, file: SourceFile): Instruction {
  try {
    return parseInstruction(request);
  } catch (error) {
    if (!(error instanceof InstructionProblem)) throw error;
    const message = `${request.syntax.lineError} ${request.range.startLine}: ${error.message}`;
    throw parseError(message, file, request.range, error.hint);
  }
}

/**
 * Parses the one instruction of a stored ONBUILD trigger. Throws LL_PARSE as `parseDockerfile`, or when the text holds
 * more than one instruction or a FROM.
 *
 * @param syntax the language of the file that builds on the trigger
 */
export function parseTrigger(expression: string, syntax: DockerfileSyntax): Exclude<Instruction, FromInstruction> {
  const file: SourceFile = { fileName: 'ONBUILD', source: expression };
  const [request, ...others] = readInstructions(file, syntax).instructions;
  if (request === undefined || others.length > 0) {
    const range = others[0]?.range ?? { startLine: 1, endLine: 1, startColumn: 0, endColumn: 0 };
    throw parseError('onbuild trigger should be a single expression', file, range);
  }
  const instruction = parseAt(request, file);
  if (instruction.kind === 'FROM') throw parseError('*instructions.Stage is not a command type', file, request.range);
  return instruction;
}
