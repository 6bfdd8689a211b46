import { LayerlabError } from '../../errors/layerlab-error.ts';

/** A template that does not parse, in docker's words: `template parsing error: template: :1: unclosed action`. */
export function parseError(source: string, position: number, message: string): LayerlabError {
  return formatError(`template: :${lineOf(source, position)}: ${message}`);
}

/** A template that fails while it runs; `context` is the node as its author wrote it. */
export function executeError(source: string, position: number, context: string, message: string): LayerlabError {
  const before = Buffer.byteLength(source.slice(source.lastIndexOf('\n', position - 1) + 1, position));
  return formatError(`template: :${lineOf(source, position)}:${before}: executing "" at <${context}>: ${message}`);
}

function formatError(message: string): LayerlabError {
  return new LayerlabError('LL_FORMAT', `template parsing error: ${message}`, {
    hint: 'See the command\'s --help for the fields that --format can name; "json" prints them all.',
  });
}

function lineOf(source: string, position: number): number {
  return source.slice(0, position).split('\n').length;
}
