import type { CommandContext } from './command.ts';
import { dataRootOf } from './data-root.ts';
import { parseArguments } from './parse-arguments.ts';
import { printError } from './print-error.ts';

/** The world of a command line, but for the data-root, which it names itself. */
export type MainContext = Omit<CommandContext, 'dataRoot'>;

/**
 * Carries out one command line (without node and script name) and gives the exit code: 0, or what docs/ERRORS.md says of
 * the error that was printed. Never throws.
 */
export async function main(argv: readonly string[], context: MainContext): Promise<number> {
  try {
    const parsed = await parseArguments(argv, context.stdout.size().columns);
    if (parsed.kind === 'text') {
      context.stdout.write(parsed.text);
      return 0;
    }
    const dataRoot = dataRootOf(parsed.dataRoot, context.env);
    return await parsed.command.run(parsed.args, parsed.options, { ...context, dataRoot });
  } catch (error) {
    return printError(error, context.stderr, { debug: argv.includes('--debug') });
  }
}
