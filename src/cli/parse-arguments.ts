import yargs, { type Argv, type Options } from 'yargs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { didYouMean } from '../parser/suggest.ts';
import type { Command, OptionSpec, OptionTable } from './command.ts';
import { commands, imageCommands } from './commands.ts';
import { type RawValues, readOptions } from './read-options.ts';

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

const GLOBAL_OPTIONS = {
  'data-root': {
    type: 'string',
    value: 'FOLDER',
    describe:
      'Where the images are, laid out as /var/lib/docker; to look into, also a tar of it (default: $LAYERLAB_DATA_ROOT, else a folder per user)',
  },
  write: { type: 'boolean', describe: 'Let a command change a data-root that layerlab did not make' },
  debug: { type: 'boolean', describe: 'Print the causes and the stack of an error' },
} as const satisfies OptionTable;

/** What the completion scripts of yargs call. */
const COMPLETION_FLAG = '--get-yargs-completions';

const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;

/** Reads a command line. `columns` is the width for help texts. Throws LL_USAGE. */
export async function parseArguments(argv: readonly string[], columns: number): Promise<ParsedArguments> {
  const completing = argv.indexOf(COMPLETION_FLAG);
  if (completing >= 0) {
    // The shell sends the words of its line, the program's own name first.
    return { kind: 'text', text: completionWords(argv.slice(completing + 2)) };
  }
  const { word: name, rest } = takeWord(argv);
  if (name === undefined) {
    if (rest.some((word) => word === '--version' || word === '-v')) {
      return parseArguments(['version', '--format', 'layerlab version {{.Version}}'], columns);
    }
    return { kind: 'text', text: await output(describeProgram(columns), [...rest, '--help']) };
  }
  if (name === 'completion') return { kind: 'text', text: await output(describeProgram(columns), ['completion']) };
  if (name === 'image') return parseImageCommand(rest, columns);
  const command = commands.find((known) => known.name === name);
  if (command !== undefined) return parseCommand(command, name, rest, columns);
  throw unknownCommand(name, name, [...commands.map((known) => known.name), 'image', 'completion']);
}

async function parseImageCommand(argv: readonly string[], columns: number): Promise<ParsedArguments> {
  const { word: name, rest } = takeWord(argv);
  if (name === undefined) {
    return { kind: 'text', text: await output(describeProgram(columns), ['image', ...rest, '--help']) };
  }
  const command = Object.hasOwn(imageCommands, name) ? imageCommands[name] : undefined;
  if (command === undefined) throw unknownCommand(`image ${name}`, name, Object.keys(imageCommands));
  return parseCommand(command, `image ${name}`, rest, columns);
}

/** Reads the flags and arguments of one command. Only it is described to yargs, which keeps the start-up short. */
async function parseCommand(
  command: Command,
  called: string,
  words: readonly string[],
  columns: number,
): Promise<ParsedArguments> {
  const program = newProgram(columns);
  describeCommand(program, command, `layerlab ${called}`);
  let values: RawValues = {};
  const text = await output(program, words, (found) => {
    values = found;
  });
  if (text !== '') return { kind: 'text', text };
  const args = ((values._ ?? []) as readonly unknown[]).map(String);
  checkCount(command, args.length);
  const { 'data-root': dataRoot, write } = readOptions(GLOBAL_OPTIONS, values);
  return { kind: 'command', command, args, options: readOptions(command.options, values), dataRoot, write };
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

/** What may stand at the end of a line: flags of its command, or commands while it has none. The shell picks those that fit. */
function completionWords(line: readonly string[]): string {
  const current = line.at(-1) ?? '';
  const { word, rest } = takeWord(line.slice(0, -1));
  const inner = word === 'image' ? takeWord(rest).word : undefined;
  const command = word === 'image' ? imageCommands[inner ?? ''] : commands.find((known) => known.name === word);
  const names = word === 'image' ? Object.keys(imageCommands) : commands.map((known) => known.name);
  const flags = Object.keys({ ...GLOBAL_OPTIONS, help: {}, ...command?.options }).map((flag) => `--${flag}`);
  const found = current.startsWith('-') ? flags : command === undefined ? names : [];
  return found.map((text) => `${text}\n`).join('');
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

/** Takes the first word out that is no flag and no flag's value. */
function takeWord(argv: readonly string[]): { readonly word: string | undefined; readonly rest: readonly string[] } {
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--data-root');
  return at < 0 ? { word: undefined, rest: argv } : { word: argv[at], rest: argv.toSpliced(at, 1) };
}

function unknownCommand(whole: string, name: string, known: readonly string[]): LayerlabError {
  return new LayerlabError('LL_USAGE', `unknown command: layerlab ${whole}${didYouMean(name, known)}`, {
    hint: 'Run layerlab --help for the commands.',
  });
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
