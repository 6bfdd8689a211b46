import { isGoSpace, trimGoSpaceLeft } from './go-text.ts';
import type { KeyValue } from './instruction.ts';
import { parseJsonForm } from './parse-json-form.ts';
import { type CommandParts, splitCommand } from './split-command.ts';
import { splitAtSpaces, splitNameValues, splitQuotedWords } from './split-words.ts';

/** The words of an instruction, lexed by the rule of its keyword. */
export interface RawArguments {
  readonly words: readonly string[];
  readonly json: boolean;
  /** Of ENV and LABEL. */
  readonly pairs: readonly KeyValue[];
  readonly mayHaveHeredocs: boolean;
}

function list(words: readonly string[], json = false, mayHaveHeredocs = false): RawArguments {
  return { words, json, pairs: [], mayHaveHeredocs: mayHaveHeredocs && !json };
}

function maybeJson(rest: string): RawArguments {
  if (rest === '') return list([]);
  const words = parseJsonForm(rest);
  return words === undefined ? list([rest]) : list(words, true);
}

function maybeJsonList(rest: string): RawArguments {
  const words = parseJsonForm(rest);
  return words === undefined ? list(splitAtSpaces(rest)) : list(words, true);
}

function healthcheck(rest: string): RawArguments {
  if (rest === '') return list([]);
  const chars = [...rest];
  const end = chars.findIndex(isGoSpace);
  if (end < 0) return list([rest]);
  const type = chars.slice(0, end).join('');
  const command = maybeJson(trimGoSpaceLeft(chars.slice(end).join('')));
  return list([type, ...command.words], command.json);
}

function withHeredocs(args: RawArguments): RawArguments {
  return { ...args, mayHaveHeredocs: !args.json };
}

/**
 * Lexes the text behind a keyword (buildkit parser/parser.go dispatch table and line_parsers.go). Throws
 * InstructionProblem. An unknown keyword has no words: it is refused later, when the whole file has been read.
 */
export function parseArguments(parts: CommandParts, escapeToken: string): RawArguments {
  const { rest } = parts;
  switch (parts.keyword.toUpperCase()) {
    case 'ADD':
    case 'COPY':
      return withHeredocs(maybeJsonList(rest));
    case 'RUN':
      return withHeredocs(maybeJson(rest));
    case 'VOLUME':
      return maybeJsonList(rest);
    case 'CMD':
    case 'ENTRYPOINT':
    case 'SHELL':
      return maybeJson(rest);
    case 'ENV':
    case 'LABEL':
      return { ...list([]), pairs: splitNameValues(rest, parts.keyword.toUpperCase(), escapeToken) };
    case 'ARG':
      return list(splitQuotedWords(rest, escapeToken));
    case 'EXPOSE':
    case 'FROM':
      return list(splitAtSpaces(rest));
    case 'HEALTHCHECK':
      return healthcheck(rest);
    case 'ONBUILD':
      return onbuild(rest, escapeToken);
    case 'MAINTAINER':
    case 'STOPSIGNAL':
    case 'USER':
    case 'WORKDIR':
      return list(rest === '' ? [] : [rest]);
    default:
      return list([]);
  }
}

/** ONBUILDs in a row that are looked through; the second one is refused later anyway. */
const MAX_NESTED = 16;

/** The trigger is lexed by its own rule, so that what is wrong with it shows at once. */
function onbuild(rest: string, escapeToken: string): RawArguments {
  if (rest === '') return list([]);
  const first = splitCommand(rest);
  let parts = first;
  for (let depth = 0; depth < MAX_NESTED && parts.keyword.toUpperCase() === 'ONBUILD'; depth++) {
    parts = splitCommand(parts.rest);
  }
  const args = parts.keyword.toUpperCase() === 'ONBUILD' ? list([]) : parseArguments(parts, escapeToken);
  return { ...list([first.keyword]), mayHaveHeredocs: parts === first && args.mayHaveHeredocs };
}
