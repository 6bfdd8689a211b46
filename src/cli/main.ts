import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Command, CommandContext } from './command.ts';
import { dataRootOf } from './data-root.ts';
import { parseArguments } from './parse-arguments.ts';
import { printError } from './print-error.ts';

/** The world of a command line, but for the data-root, which it names itself. */
export type MainContext = Omit<CommandContext, 'dataRoot'>;

/** From here on exit codes tell of signals. */
const INTERRUPTED = 128;

/**
 * Carries out one command line (without node and script name) and gives the exit code: 0, or what docs/ERRORS.md says of
 * the error that was printed. Never throws.
 */
export async function main(argv: readonly string[], context: MainContext): Promise<number> {
  let failsWith: number | undefined;
  try {
    const parsed = await parseArguments(argv, () => context.stdout.size().columns);
    if (parsed.kind === 'text') {
      context.stdout.write(parsed.text);
      return 0;
    }
    failsWith = parsed.command.failsWith;
    const dataRoot = dataRootOf(parsed.dataRoot, context.env);
    if (changesRoot(parsed.command, parsed.options) && !parsed.write) await context.engine.assertOwnRoot(dataRoot);
    return await parsed.command.run(parsed.args, parsed.options, { ...context, dataRoot });
  } catch (error) {
    const code = printError(await withExactPlace(error), context.stderr, { debug: argv.includes('--debug') });
    return code >= INTERRUPTED ? code : (failsWith ?? code);
  }
}

function changesRoot({ writes }: Command, options: Readonly<Record<string, unknown>>): boolean {
  return writes === true || (writes !== undefined && options[writes] === true);
}

/** Failures of the text itself are about one word of it; those of a command are about the whole instruction. */
const ABOUT_A_WORD: ReadonlySet<string> = new Set([
  'LL_PARSE',
  'LL_UNSUPPORTED',
  'LL_SOURCE_NOT_FOUND',
  'LL_NOT_FOUND',
]);

async function withExactPlace(error: unknown): Promise<unknown> {
  if (!(error instanceof LayerlabError) || error.location === undefined || !ABOUT_A_WORD.has(error.code)) return error;
  const { sharpenLocation } = await import('../parser/sharpen-location.ts');
  return sharpenLocation(error);
}
