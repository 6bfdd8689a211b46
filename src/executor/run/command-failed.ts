import { goQuote } from '../../formats/go-quote.ts';
import type { RunFormat } from '../../profiles/run-format.ts';

/** That a command failed, in BuildKit's words for the Docker version; the reason follows behind a colon. */
export function commandFailed({ failure, failureQuoted }: RunFormat, args: readonly string[]): string {
  const words = args.join(' ');
  return failure.replace('{}', () => (failureQuoted ? goQuote(words) : words));
}
