import { LayerlabError } from '../../errors/layerlab-error.ts';
import { goQuote } from '../../formats/go-quote.ts';
import { trimGoSpace } from '../go-text.ts';

/** What a `check=` directive, comment or build argument asks for. */
export interface CheckOptions {
  readonly skip: ReadonlySet<string> | 'all';
  readonly experimental: ReadonlySet<string> | 'all';
  /** Whether a finding makes the build fail. */
  readonly error: boolean;
}

export const noCheckOptions: CheckOptions = Object.freeze({
  skip: new Set<string>(),
  experimental: new Set<string>(),
  error: false,
});

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function names(value: string): ReadonlySet<string> | 'all' {
  return value === 'all' ? 'all' : new Set(value.split(',').map(trimGoSpace));
}

function problem(option: string): LayerlabError {
  return new LayerlabError('LL_PARSE', `invalid check option ${goQuote(option)}`, {
    hint: 'The options are skip=Rule,Rule|all, experimental=Rule,Rule|all and error=true|false, with ; between them.',
  });
}

/** Splits as Go's SplitN does: behind the third option nothing is split any more. */
function splitOptions(text: string): readonly string[] {
  const parts = text.split(';');
  return parts.length <= 3 ? parts : [...parts.slice(0, 2), parts.slice(2).join(';')];
}

/** Reads `skip=A,B;error=true;experimental=all`. Throws LL_PARSE in docker's words. */
export function parseCheckOptions(text: string): CheckOptions {
  const trimmed = trimGoSpace(text);
  if (trimmed === '') return noCheckOptions;
  let { skip, experimental, error } = noCheckOptions;
  for (const part of splitOptions(trimmed)) {
    const at = part.indexOf('=');
    if (at < 0) throw problem(part);
    const key = trimGoSpace(part.slice(0, at));
    const value = trimGoSpace(part.slice(at + 1));
    if (key === 'skip') skip = names(value);
    else if (key === 'experimental') experimental = names(value);
    else if (key !== 'error') throw problem(key);
    else if (TRUE.has(value)) error = true;
    else if (FALSE.has(value)) error = false;
    else {
      const reason = `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`;
      throw new LayerlabError('LL_PARSE', `failed to parse check option ${goQuote(part)}: ${reason}`, {
        hint: 'error is true or false.',
      });
    }
  }
  return { skip, experimental, error };
}

const COMMENT = /^check\s*=(.*)$/is;

/**
 * The rules that comments such as `check=skip=UndefinedVar` above an instruction skip there. A comment that is no valid
 * option stays a comment: people write what they like into those.
 */
export function skippedByComments(comments: readonly string[]): ReadonlySet<string> | 'all' {
  const skipped = new Set<string>();
  for (const comment of comments) {
    const text = COMMENT.exec(comment)?.[1];
    if (text === undefined) continue;
    try {
      const { skip } = parseCheckOptions(text);
      if (skip === 'all') return 'all';
      for (const name of skip) skipped.add(name);
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
    }
  }
  return skipped;
}
