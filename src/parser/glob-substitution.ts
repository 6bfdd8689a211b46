import { LayerlabError } from '../errors/layerlab-error.ts';

/** A step of a pattern: one character, any one character, or any run of characters (never across a line end). */
type GlobToken =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' };

/** States visited in one call, so that a long value under a long pattern ends in an error and not in minutes. */
const MAX_WORK = 200_000_000;

/** Tokens of a substitution pattern: `*`, `?` and backslash escapes (buildkit shell/lex.go convertShellPatternToRegex). */
function tokenize(pattern: string): readonly GlobToken[] {
  const chars = [...pattern];
  const tokens: GlobToken[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char !== '\\') tokens.push({ kind: 'char', char });
    else {
      const escaped = chars[at + 1];
      if (escaped === '}' || escaped === '/') continue;
      if (escaped !== '*' && escaped !== '?' && escaped !== '\\') {
        throw new Error(`invalid escape '\\${escaped ?? '\ufffd'}'`);
      }
      tokens.push({ kind: 'char', char: escaped });
      at++;
    }
  }
  return tokens;
}

interface Match {
  readonly start: number;
  readonly end: number;
}

interface MatchMode {
  readonly from: number;
  readonly anchored: boolean;
  readonly longest: boolean;
}

/**
 * The leftmost match at or behind `from`, and of those that start there the shortest or the longest. Walks all states
 * side by side, so the work is bounded by pattern times value.
 */
function matchGlob(tokens: readonly GlobToken[], chars: readonly string[], mode: MatchMode): Match | undefined {
  const accept = tokens.length;
  if ((chars.length - mode.from) * (accept + 1) > MAX_WORK) {
    throw new LayerlabError('LL_LIMIT', 'a substitution pattern is too costly for its value');
  }
  let starts: (number | undefined)[] = [];
  let best: Match | undefined;
  for (let at = mode.from; at <= chars.length; at++) {
    if (best === undefined && (!mode.anchored || at === mode.from)) starts[0] ??= at;
    // A star may also stand for nothing.
    for (let state = 0; state < accept; state++) {
      if (tokens[state]?.kind === 'star') starts[state + 1] = earlier(starts[state + 1], starts[state]);
    }
    const reached = starts[accept];
    if (reached !== undefined && (best === undefined || reached <= best.start)) {
      best = { start: reached, end: at };
      if (!mode.longest) return best;
    }
    const char = chars[at];
    if (char === undefined) break;
    starts = step(tokens, starts, char, best?.start);
    if (starts.length === 0 && (best !== undefined || mode.anchored)) break;
  }
  return best;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}

function step(
  tokens: readonly GlobToken[],
  starts: readonly (number | undefined)[],
  char: string,
  limit: number | undefined,
): (number | undefined)[] {
  const next: (number | undefined)[] = [];
  for (const [state, token] of tokens.entries()) {
    const start = starts[state];
    if (start === undefined || (limit !== undefined && start > limit)) continue;
    if (token.kind === 'char' ? token.char !== char : char === '\n') continue;
    const target = token.kind === 'star' ? state : state + 1;
    next[target] = earlier(next[target], start);
  }
  return next;
}

/** `${value#pattern}` (shortest) and `${value##pattern}` (longest). Throws an Error for a wrong escape. */
export function trimGlobPrefix(pattern: string, value: string, longest: boolean): string {
  const chars = [...value];
  const match = matchGlob(tokenize(pattern), chars, { from: 0, anchored: true, longest });
  return match === undefined ? value : chars.slice(match.end).join('');
}

/** `${value%pattern}` and `${value%%pattern}`. */
export function trimGlobSuffix(pattern: string, value: string, longest: boolean): string {
  const chars = [...value].reverse();
  const match = matchGlob([...tokenize(pattern)].reverse(), chars, { from: 0, anchored: true, longest });
  return match === undefined ? value : chars.slice(match.end).reverse().join('');
}

/**
 * `${value/pattern/replacement}`, or every match with `all`. There Go takes `$name` and `${name}` in the replacement
 * for groups, of which there are none, and `$$` for a dollar.
 */
export function replaceGlob(pattern: string, value: string, replacement: string, all: boolean): string {
  const tokens = tokenize(pattern);
  const chars = [...value];
  if (!all) {
    const match = matchGlob(tokens, chars, { from: 0, anchored: false, longest: true });
    if (match === undefined) return value;
    return chars.slice(0, match.start).join('') + replacement + chars.slice(match.end).join('');
  }
  const inserted = replacement.replace(/\$(\$|\{\w+\}|\w+)/g, (_, what: string) => (what === '$' ? '$' : ''));
  let out = '';
  let copied = 0;
  let from = 0;
  let work = 0;
  while (from <= chars.length) {
    const match = matchGlob(tokens, chars, { from, anchored: false, longest: true });
    if (match === undefined) break;
    work += (match.end - from + 1) * (tokens.length + 1);
    if (work > MAX_WORK) throw new LayerlabError('LL_LIMIT', 'a substitution pattern is too costly for its value');
    // Go skips an empty match that touches the one before it.
    if (match.end > match.start || match.start !== copied || copied === 0) {
      out += chars.slice(copied, match.start).join('') + inserted;
      copied = match.end;
    }
    from = match.end > match.start ? match.end : match.end + 1;
  }
  return out + chars.slice(copied).join('');
}
