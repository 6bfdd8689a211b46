import { goQuote } from '../../formats/go-quote.ts';
import { cleanPath } from '../clean-path.ts';
import type { AddInstruction, CopyInstruction } from '../instruction.ts';
import type { Reporter } from './report.ts';

const REMOTE = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/)/;

/** CopyIgnoredFile: sources, after expansion, that .dockerignore keeps out of the context. */
export function checkCopySources(
  copy: CopyInstruction | AddInstruction,
  sources: readonly string[],
  ignores: (path: string) => boolean,
  reporter: Reporter,
): void {
  if (copy.kind === 'COPY' && copy.from !== '') return;
  for (const source of sources) {
    if (copy.kind === 'ADD' && REMOTE.test(source)) continue;
    const path = cleanPath(source);
    if (path === '.' || path === '/' || !ignores(path)) continue;
    const command = copy.kind === 'COPY' ? 'Copy' : 'Add';
    const message = `Attempting to ${command} file ${goQuote(path)} that is excluded by .dockerignore`;
    reporter.report('CopyIgnoredFile', copy.range, message, source);
  }
}
