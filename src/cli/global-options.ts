import type { OptionTable } from './command.ts';

/** Flags that every command has. */
export const GLOBAL_OPTIONS = {
  'data-root': {
    type: 'string',
    value: 'FOLDER',
    describe:
      'Where the images are, laid out as /var/lib/docker; to look into, also a tar of it (default: $LAYERLAB_DATA_ROOT, else a folder per user)',
  },
  write: { type: 'boolean', describe: 'Let a command change a data-root that layerlab did not make' },
  debug: { type: 'boolean', describe: 'Print the causes and the stack of an error' },
} as const satisfies OptionTable;

/** How yargs reads words: as docker's command line does. */
export const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;
