import { chompHeredoc, heredocOrNone } from './find-heredocs.ts';
import type { AddInstruction, CopyInstruction, InlineFile } from './instruction.ts';
import { commonFields, type InstructionRequest } from './instruction-request.ts';
import { InstructionProblem } from './parse-error.ts';
import { parseFlags } from './parse-flags.ts';

interface SourcesAndDestination {
  readonly sources: readonly string[];
  readonly inlineFiles: readonly InlineFile[];
  readonly destination: string;
}

function requireDestination(request: InstructionRequest, keyword: string): void {
  if (request.args.words.length >= 2) return;
  throw new InstructionProblem(
    `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
  );
}

function isHeredoc(word: string): boolean {
  return word.includes('<<') && heredocOrNone(word) !== undefined;
}

function sourcesAndDestination(request: InstructionRequest, keyword: string): SourcesAndDestination {
  const words = request.args.words;
  const destination = words.at(-1) ?? '';
  const { heredocs } = request.syntax;
  if (heredocs && isHeredoc(destination))
    throw new InstructionProblem(`${keyword} cannot accept a heredoc as a destination`);
  const sources: string[] = [];
  const inlineFiles: InlineFile[] = [];
  for (const word of words.slice(0, -1)) {
    const heredoc = heredocs && word.includes('<<') ? heredocOrNone(word) : undefined;
    if (heredoc === undefined) {
      sources.push(word);
      continue;
    }
    const data = request.heredocs.findLast((document) => document.name === heredoc.name)?.data ?? '';
    inlineFiles.push(
      Object.freeze({
        name: heredoc.name,
        data: heredoc.chomp ? chompHeredoc(data) : data,
        expand: heredoc.expand,
      }),
    );
  }
  return { sources: Object.freeze(sources), inlineFiles: Object.freeze(inlineFiles), destination };
}

const COPY_FLAGS = {
  chown: 'string',
  from: 'string',
  chmod: 'string',
  link: 'bool',
  exclude: 'strings',
  parents: 'bool',
} as const;

const ADD_FLAGS = {
  chown: 'string',
  chmod: 'string',
  link: 'bool',
  'keep-git-dir': 'bool',
  checksum: 'string',
  unpack: 'bool',
  exclude: 'strings',
} as const;

/** COPY. Throws InstructionProblem. */
export function parseCopy(request: InstructionRequest): CopyInstruction {
  requireDestination(request, 'COPY');
  const flags = parseFlags(request.parts.flags, COPY_FLAGS, request.syntax);
  return {
    kind: 'COPY',
    ...commonFields(request),
    flags: flags.flags,
    ...sourcesAndDestination(request, 'COPY'),
    chown: flags.string('chown'),
    chmod: flags.string('chmod'),
    from: flags.string('from'),
    link: flags.bool('link') === true,
    parents: flags.bool('parents') === true,
    excludes: Object.freeze([...flags.strings('exclude')]),
  };
}

/** ADD. Throws InstructionProblem. */
export function parseAdd(request: InstructionRequest): AddInstruction {
  requireDestination(request, 'ADD');
  const flags = parseFlags(request.parts.flags, ADD_FLAGS, request.syntax);
  return {
    kind: 'ADD',
    ...commonFields(request),
    flags: flags.flags,
    ...sourcesAndDestination(request, 'ADD'),
    chown: flags.string('chown'),
    chmod: flags.string('chmod'),
    link: flags.bool('link') === true,
    excludes: Object.freeze([...flags.strings('exclude')]),
    keepGitDir: flags.bool('keep-git-dir') === true,
    checksum: flags.string('checksum'),
    unpack: flags.bool('unpack'),
  };
}
