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
    };

const GLOBAL_OPTIONS = {
  'data-root': {
    type: 'string',
    value: 'FOLDER',
    describe:
      'Where the images are, laid out as /var/lib/docker (default: $LAYERLAB_DATA_ROOT, else a folder per user)',
  },
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
  const [name, inner] = leadingWords(argv);
  if (name === undefined && ['--version', '-v'].some((flag) => argv.includes(flag))) {
    return parseArguments(['version', '--format', 'layerlab version {{.Version}}'], columns);
  }
  const asked = argv.indexOf(COMPLETION_FLAG);
  if (asked >= 0) {
    // The shell sends the words of its line, the program's own name first.
    return { kind: 'text', text: await completionWords(argv.slice(asked + 2), columns) };
  }
  checkCommand(name, inner);
  let parsed: ParsedArguments | undefined;
  const program = describeProgram(columns, (command, depth, values) => {
    parsed = readCommand(command, depth, values);
  });
  const words = name === undefined || (name === 'image' && inner === undefined) ? [...argv, '--help'] : [...argv];
  const text = await new Promise<string>((done, fail) => {
    const finish = (error: unknown, _values: unknown, output: string) => (error ? fail(error) : done(output));
    Promise.resolve(program.parse(words, {}, finish)).catch(fail);
  });
  return parsed ?? { kind: 'text', text: text === '' ? '' : `${text.trimEnd()}\n` };
}

async function completionWords(line: readonly string[], columns: number): Promise<string> {
  const words = await new Promise<readonly string[]>((done, fail) => {
    describeProgram(columns, () => {}).getCompletion(line, (error, found) => (error ? fail(error) : done(found ?? [])));
  });
  return words.map((word) => `${word}\n`).join('');
}

type OnCommand = (command: Command, depth: number, values: RawValues) => void;

function describeProgram(columns: number, onCommand: OnCommand): Argv {
  const program = yargs([])
    .scriptName('layerlab')
    .usage(
      'Usage:  layerlab [OPTIONS] COMMAND\n\nBuilds Dockerfiles and writes exactly what dockerd would have on disk, with no daemon',
    )
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
    .group([...Object.keys(GLOBAL_OPTIONS), 'help'], 'Global options:')
    .epilogue('Exit codes and error codes: docs/ERRORS.md. Help for a command: layerlab COMMAND --help');
  for (const command of commands) addCommand(program, command, command.name, 'layerlab', 1, onCommand);
  program.command('image', 'Manage images: the same commands, as docker image has them', (nested) => {
    nested.usage('Usage:  layerlab image COMMAND\n\nManage images');
    for (const [name, command] of Object.entries(imageCommands)) {
      addCommand(nested, command, name, 'layerlab image', 2, onCommand);
    }
    return nested;
  });
  program.completion('completion', 'Print a completion script for bash or zsh');
  return program.fail((message, error) => {
    // yargs reports some of its findings as a message, some as an error of its own.
    if (error !== undefined && error.name !== 'YError') throw error;
    throw usageError(message ?? error?.message ?? '', program);
  });
}

function addCommand(
  program: Argv,
  command: Command,
  name: string,
  prefix: string,
  depth: number,
  onCommand: OnCommand,
): void {
  program.command(
    name,
    command.describe,
    (inner) => {
      inner.usage(`Usage:  ${prefix} ${name} ${command.usage}\n\n${command.describe}`);
      inner.options(yargsOptions(command.options));
      return inner.epilogue(exampleText(command));
    },
    (values) => onCommand(command, depth, values as RawValues),
  );
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

function readCommand(command: Command, depth: number, values: RawValues): ParsedArguments {
  const words = (values._ ?? []) as readonly unknown[];
  const args = words.slice(depth).map(String);
  checkCount(command, args.length);
  const { 'data-root': dataRoot } = readOptions(GLOBAL_OPTIONS, values);
  return { kind: 'command', command, args, options: readOptions(command.options, values), dataRoot };
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

/** The first two words that are no flags and no flag's value. */
function leadingWords(argv: readonly string[]): readonly [string | undefined, string | undefined] {
  const words: string[] = [];
  for (let index = 0; index < argv.length && words.length < 2; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--data-root') index += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  return [words[0], words[1]];
}

function checkCommand(name: string | undefined, inner: string | undefined): void {
  if (name === undefined || name === 'completion') return;
  if (name === 'image') {
    if (inner !== undefined && !Object.hasOwn(imageCommands, inner)) {
      throw unknownCommand(`image ${inner}`, inner, Object.keys(imageCommands));
    }
    return;
  }
  const names = commands.map((command) => command.name);
  if (!names.includes(name)) throw unknownCommand(name, name, [...names, 'image', 'completion']);
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
