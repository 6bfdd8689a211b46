import yargs, { type Argv, type Options } from 'yargs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { didYouMean } from '../parser/suggest.ts';
import type { Command, OptionSpec, OptionTable } from './command.ts';
import { commands, imageCommands } from './commands.ts';
import { GLOBAL_OPTIONS, PARSER } from './global-options.ts';
import type { RawValues } from './read-options.ts';
import { takeWord } from './take-word.ts';

/** Texts of the whole program, which need all of its commands. */
export function programText(words: readonly string[], columns: number): Promise<string> {
  return output(describeProgram(columns), words);
}

/**
 * Reads the words of one command by the whole of yargs: its help text, where they ask for it, else the values of its flags. Only this
 * command is described to yargs. Throws LL_USAGE.
 */
export async function readArguments(
  command: Command,
  called: string,
  words: readonly string[],
  columns: number,
): Promise<{ readonly text: string; readonly values: RawValues }> {
  const program = newProgram(columns);
  describeCommand(program, command, `layerlab ${called}`);
  let values: RawValues = {};
  const text = await output(program, words, (found) => {
    values = found;
  });
  return { text, values };
}

/** What may stand at the end of a line: flags of its command, or commands while it has none. The shell picks those that fit. */
export function completionWords(line: readonly string[]): string {
  const current = line.at(-1) ?? '';
  const { word, rest } = takeWord(line.slice(0, -1));
  const inner = word === 'image' ? takeWord(rest).word : undefined;
  const command = word === 'image' ? imageCommands[inner ?? ''] : commands.find((known) => known.name === word);
  const names = word === 'image' ? Object.keys(imageCommands) : commands.map((known) => known.name);
  const flags = Object.keys({ ...GLOBAL_OPTIONS, help: {}, ...command?.options }).map((flag) => `--${flag}`);
  const found = current.startsWith('-') ? flags : command === undefined ? names : [];
  return found.map((text) => `${text}\n`).join('');
}

/** The failure for a command that is none. `inner` is its name behind `layerlab image`. */
export function unknownCommand(name: string, inner?: string): LayerlabError {
  const known =
    inner === undefined
      ? [...commands.map((command) => command.name), 'image', 'completion']
      : Object.keys(imageCommands);
  const called = inner === undefined ? name : `${name} ${inner}`;
  return new LayerlabError('LL_USAGE', `unknown command: layerlab ${called}${didYouMean(inner ?? name, known)}`, {
    hint: 'Run layerlab --help for the commands.',
  });
}

/** What yargs prints for these words: a help text, a script, or nothing. */
async function output(
  program: Argv,
  words: readonly string[],
  onValues: (values: RawValues) => void = () => {},
): Promise<string> {
  const text = await new Promise<string>((done, fail) => {
    const finish = (error: unknown, values: unknown, printed: string) => {
      onValues(values as RawValues);
      if (error) fail(error);
      else done(printed);
    };
    Promise.resolve(program.parse(words, {}, finish)).catch(fail);
  });
  return text === '' ? '' : `${text.trimEnd()}\n`;
}

function newProgram(columns: number): Argv {
  const program = yargs([])
    .scriptName('layerlab')
    .parserConfiguration(PARSER)
    .options(yargsOptions(GLOBAL_OPTIONS))
    .strictOptions()
    .exitProcess(false)
    .locale('en')
    .wrap(Math.min(columns, 110))
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version(false)
    .showHelpOnFail(false)
    .group([...Object.keys(GLOBAL_OPTIONS), 'help'], 'Global options:');
  return program.fail((message, error) => {
    // yargs reports some of its findings as a message, some as an error of its own.
    if (error !== undefined && error.name !== 'YError') throw error;
    throw usageError(message ?? error?.message ?? '', program);
  });
}

/** The whole program with all its commands, for its help and for completion. */
function describeProgram(columns: number): Argv {
  const program = newProgram(columns)
    .usage(
      'Usage:  layerlab [OPTIONS] COMMAND\n\nBuilds Dockerfiles and writes exactly what dockerd would have on disk, with no daemon',
    )
    .epilogue('Help for a command: layerlab COMMAND --help. Error and exit codes: docs/ERRORS.md');
  for (const command of commands) addCommand(program, command, command.name, 'layerlab');
  program.command('image', 'Manage images: the same commands, as docker image has them', (nested) => {
    nested.usage('Usage:  layerlab image COMMAND\n\nManage images').epilogue('');
    for (const [name, command] of Object.entries(imageCommands)) addCommand(nested, command, name, 'layerlab image');
    return nested;
  });
  return program.completion('completion', 'Print a completion script for bash or zsh');
}

function addCommand(program: Argv, command: Command, name: string, prefix: string): void {
  program.command(name, command.describe, (inner) => describeCommand(inner, command, `${prefix} ${name}`));
}

function describeCommand(program: Argv, command: Command, called: string): Argv {
  return program
    .usage(`Usage:  ${called} ${command.usage}\n\n${command.describe}`)
    .options(yargsOptions(command.options))
    .epilogue(exampleText(command));
}

// yargs would wrap the commands, which then could not be copied.
function exampleText(command: Command): string {
  const examples = command.examples.map(([example, what]) => `  # ${what}\n  ${example}`);
  return `Examples:\n${examples.join('\n')}`;
}

function yargsOptions(table: OptionTable): Record<string, Options> {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, yargsOption(spec)]));
}

function yargsOption(spec: OptionSpec): Options {
  const common: Options = {
    describe: spec.describe,
    ...(spec.alias === undefined ? {} : { alias: spec.alias }),
  };
  // The types of values need no mention: every flag that takes one is described with it.
  if (spec.type === 'boolean') return { ...common, type: 'boolean' };
  return { ...common, type: 'string', array: spec.type === 'list', nargs: 1 };
}

// yargs speaks in its own words; users of docker expect docker's.
function usageError(message: string, program: Argv): LayerlabError {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1];
  if (unknown !== undefined) {
    const [name = ''] = unknown.split(', ');
    const flag = name.length === 1 ? `-${name}` : `--${name}`;
    return new LayerlabError('LL_USAGE', `unknown flag: ${flag}${didYouMean(flag, knownFlags(program))}`);
  }
  const missing = /^Not enough arguments following: (.*)$/s.exec(message)?.[1];
  if (missing !== undefined) {
    const flag = missing.length === 1 ? `-${missing}` : `--${missing}`;
    return new LayerlabError('LL_USAGE', `flag needs an argument: ${flag}`);
  }
  return new LayerlabError('LL_USAGE', message);
}

function knownFlags(program: Argv): readonly string[] {
  // getOptions is what yargs' own completion uses; its types leave it out.
  const { key } = (program as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions();
  return Object.keys(key).map((name) => (name.length === 1 ? `-${name}` : `--${name}`));
}
