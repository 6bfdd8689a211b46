import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Command } from './command.ts';
import { findCommand, findImageCommand } from './find-command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { type RawValues, readOptions } from './read-options.ts';
import { readPlainArguments } from './read-plain-arguments.ts';
import { takeWord } from './take-word.ts';

/** A command line, read: a command with its arguments, or a text (help, a completion script) that answers it. */
export type ParsedArguments =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly args: readonly string[];
      readonly options: ReturnType<typeof readOptions>;
      readonly dataRoot: string | undefined;
      /** Also a data-root that layerlab did not make may be changed. */
      readonly write: boolean;
    };

/** What the completion scripts of yargs call. */
const COMPLETION_FLAG = '--get-yargs-completions';

/** Reads a command line. `columns` gives the width for help texts. Throws LL_USAGE. */
export async function parseArguments(argv: readonly string[], columns: () => number): Promise<ParsedArguments> {
  const completing = argv.indexOf(COMPLETION_FLAG);
  if (completing >= 0) {
    const { completionWords } = await import('./yargs-arguments.ts');
    // The shell sends the words of its line, the program's own name first.
    return { kind: 'text', text: completionWords(argv.slice(completing + 2)) };
  }
  const { word: name, rest } = takeWord(argv);
  if (name === undefined) {
    if (rest.some((word) => word === '--version' || word === '-v')) {
      return parseArguments(['version', '--format', 'layerlab version {{.Version}}'], columns);
    }
    return programText([...rest, '--help'], columns());
  }
  if (name === 'completion') return programText(['completion'], columns());
  if (name === 'image') return parseImageCommand(rest, columns);
  const command = await findCommand(name);
  if (command !== undefined) return parseCommand(command, name, rest, columns);
  throw (await import('./yargs-arguments.ts')).unknownCommand(name);
}

async function parseImageCommand(argv: readonly string[], columns: () => number): Promise<ParsedArguments> {
  const { word: name, rest } = takeWord(argv);
  if (name === undefined) return programText(['image', ...rest, '--help'], columns());
  const command = await findImageCommand(name);
  if (command !== undefined) return parseCommand(command, `image ${name}`, rest, columns);
  throw (await import('./yargs-arguments.ts')).unknownCommand('image', name);
}

async function programText(words: readonly string[], columns: number): Promise<ParsedArguments> {
  const yargs = await import('./yargs-arguments.ts');
  return { kind: 'text', text: await yargs.programText(words, columns) };
}

/** Reads the flags and arguments of one command. */
async function parseCommand(
  command: Command,
  called: string,
  words: readonly string[],
  columns: () => number,
): Promise<ParsedArguments> {
  let values: RawValues | undefined = readPlainArguments(command.options, words);
  if (values === undefined) {
    const yargs = await import('./yargs-arguments.ts');
    const read = await yargs.readArguments(command, called, words, columns());
    if (read.text !== '') return { kind: 'text', text: read.text };
    values = read.values;
  }
  const args = ((values._ ?? []) as readonly unknown[]).map(String);
  checkCount(command, args.length);
  const { 'data-root': dataRoot, write } = readOptions(GLOBAL_OPTIONS, values);
  return { kind: 'command', command, args, options: readOptions(command.options, values), dataRoot, write };
}

function checkCount(command: Command, count: number): void {
  const [min, max] = command.arguments;
  if (count >= min && count <= max) return;
  const bound = min === max ? '' : count < min ? 'at least ' : 'at most ';
  const wanted = count < min ? min : max;
  throw new LayerlabError(
    'LL_USAGE',
    `'layerlab ${command.name}' requires ${bound}${wanted} ${wanted === 1 ? 'argument' : 'arguments'}`,
    { hint: `Usage: layerlab ${command.name} ${command.usage}` },
  );
}
