import { inspect } from 'node:util';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { dockerfileExcerpt } from './dockerfile-excerpt.ts';
import { harmlessText } from './harmless-text.ts';
import type { Output } from './output.ts';

/**
 * Prints a failure and gives the exit code for it: the place in the Dockerfile where there is one, `ERROR: ` and the
 * sentence, the code, the hint. The stack and the causes only with `debug`.
 */
export function printError(error: unknown, stderr: Output, options: { readonly debug: boolean }): number {
  const known = asLayerlabError(error);
  const lines: string[] = [];
  if (known.location !== undefined) lines.push(dockerfileExcerpt(known.location));
  lines.push(`ERROR: ${known.message}\n`, `  code: ${known.code}\n`);
  if (known.hint !== undefined) lines.push(`  hint: ${known.hint}\n`);
  if (options.debug) lines.push(`${inspect(error, { depth: 6 })}\n`);
  const text = lines.join('');
  stderr.write(stderr.isTTY ? harmlessText(text) : text);
  return known.exitCode;
}

/** Any thrown value as an error of the catalogue: a failed system call by its errno, everything else as a defect (LL_IO). */
export function asLayerlabError(error: unknown): LayerlabError {
  if (error instanceof LayerlabError) return error;
  // Node's own codes (ERR_..., MODULE_NOT_FOUND) are no answers of the operating system.
  if (/^E(?!RR_)[A-Z0-9]+$/.test(errnoOf(error) ?? '')) return ioError(error, 'an operation on a file failed');
  const message = error instanceof Error ? error.message : String(error);
  return new LayerlabError('LL_IO', `an internal error: ${message.split('\n', 1)[0] ?? ''}`, {
    cause: error,
    hint: 'This is a defect of layerlab. Run the command again with --debug and report what it prints.',
  });
}
