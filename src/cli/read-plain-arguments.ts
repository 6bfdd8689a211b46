import parser from 'yargs-parser';
import type { OptionTable } from './command.ts';
import { GLOBAL_OPTIONS, PARSER } from './global-options.ts';
import type { RawValues } from './read-options.ts';

/**
 * Reads the words of a command by the parser of yargs alone, without the rest of yargs (help, usage, checks), which takes longer to
 * set up than a short command runs. Undefined where yargs has more to say: an unknown flag, a value that is missing, a call for help.
 */
export function readPlainArguments(table: OptionTable, words: readonly string[]): RawValues | undefined {
  const options: OptionTable = { ...GLOBAL_OPTIONS, ...table };
  const names = Object.entries(options);
  const withValue = names.filter(([, spec]) => spec.type !== 'boolean').map(([name]) => name);
  const { argv, error } = parser.detailed([...words], {
    alias: {
      help: ['h'],
      ...Object.fromEntries(names.flatMap(([name, { alias }]) => (alias ? [[name, [alias]]] : []))),
    },
    boolean: [...names.filter(([, spec]) => spec.type === 'boolean').map(([name]) => name), 'help'],
    string: withValue,
    array: names.filter(([, spec]) => spec.type === 'list').map(([name]) => name),
    narg: Object.fromEntries(withValue.map((name) => [name, 1])),
    configuration: { ...PARSER, 'populate--': true },
  });
  const known = new Set(['_', ...names.flatMap(([name, { alias }]) => (alias === undefined ? [name] : [name, alias]))]);
  const isPlain = error === null && Object.keys(argv).every((key) => known.has(key));
  return isPlain ? argv : undefined;
}
