import { LayerlabError } from '../errors/layerlab-error.ts';

/** A step of a pattern: the code point of one character, any one character, or any run of characters. */
type GlobToken = number;

/** Neither of the two matches a line end. */
const ANY: GlobToken = -1;
const STAR: GlobToken = -2;

/** States visited in one call, so that a long value under a long pattern ends in an error and not in minutes. */
const MAX_WORK = 200_000_000;

/** Tokens of a substitution pattern: `*`, `?` and backslash escapes (buildkit shell/lex.go convertShellPatternToRegex). */
function tokenize(pattern: string): readonly GlobToken[] {
  const chars = [...pattern];
  const tokens: GlobToken[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') tokens.push(STAR);
    else if (char === '?') tokens.push(ANY);
    else if (char !== '\\') tokens.push(char.codePointAt(0) ?? 0);
    else {
      const escaped = chars[at + 1];
      if (escaped === '}' || escaped === '/') continue;
      if (escaped !== '*' && escaped !== '?' && escaped !== '\\') {
        throw new Error(`invalid escape '\\${escaped ?? '\ufffd'}'`);
      }
      tokens.push(escaped.codePointAt(0) ?? 0);
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
function matchGlob(tokens: readonly GlobToken[], codes: Int32Array, mode: MatchMode): Match | undefined {
  const accept = tokens.length;
  if ((codes.length - mode.from) * (accept + 1) > MAX_WORK) {
    throw new LayerlabError('LL_LIMIT', 'a substitution pattern is too costly for its value');
  }
  // Of each state, where the earliest match that is in it began.
  let starts = new Int32Array(accept + 1).fill(NONE);
  let next = new Int32Array(accept + 1);
  let highest = 0;
  let best: Match | undefined;
  for (let at = mode.from; at <= codes.length; at++) {
    if (best === undefined && (!mode.anchored || at === mode.from) && at < (starts[0] ?? NONE)) starts[0] = at;
    // A star may also stand for nothing.
    for (let state = 0; state <= highest && state < accept; state++) {
      const start = starts[state] ?? NONE;
      if (tokens[state] !== STAR || start === NONE) continue;
      // Above the highest state stands what an earlier character left.
      if (state < highest && start >= (starts[state + 1] ?? NONE)) continue;
      starts[state + 1] = start;
      if (state === highest) highest++;
    }
    const reached = highest < accept ? NONE : (starts[accept] ?? NONE);
    if (reached !== NONE && (best === undefined || reached <= best.start)) {
      best = { start: reached, end: at };
      if (!mode.longest) return best;
    }
    if (at === codes.length) break;
    highest = step(tokens, starts, next, highest, codes[at] ?? 0, best?.start ?? NONE - 1);
    [starts, next] = [next, starts];
    if (highest < 0) {
      if (best !== undefined || mode.anchored) break;
      highest = 0;
    }
  }
  return best;
}

/** Later than any place in a value. */
const NONE = 0x7fffffff;
const LINE_END = 10;

/** Takes one character; `next` gets the states after it. Gives the highest of them, -1 where there is none. */
function step(
  tokens: readonly GlobToken[],
  starts: Int32Array,
  next: Int32Array,
  highest: number,
  code: number,
  limit: number,
): number {
  next.fill(NONE, 0, Math.min(highest + 2, next.length));
  let reached = -1;
  for (let state = 0; state <= highest && state < tokens.length; state++) {
    const start = starts[state] ?? NONE;
    if (start > limit) continue;
    const token = tokens[state] ?? ANY;
    if (token >= 0 ? token !== code : code === LINE_END) continue;
    const target = token === STAR ? state : state + 1;
    if (start < (next[target] ?? NONE)) next[target] = start;
    if (target > reached) reached = target;
  }
  return reached;
}

function codesOf(chars: readonly string[]): Int32Array {
  return Int32Array.from(chars, (char) => char.codePointAt(0) ?? 0);
}

/** `${value#pattern}` (shortest) and `${value##pattern}` (longest). Throws an Error for a wrong escape. */
export function trimGlobPrefix(pattern: string, value: string, longest: boolean): string {
  const chars = [...value];
  const match = matchGlob(tokenize(pattern), codesOf(chars), { from: 0, anchored: true, longest });
  return match === undefined ? value : chars.slice(match.end).join('');
}

/** `${value%pattern}` and `${value%%pattern}`. */
export function trimGlobSuffix(pattern: string, value: string, longest: boolean): string {
  const chars = [...value].reverse();
  const match = matchGlob([...tokenize(pattern)].reverse(), codesOf(chars), { from: 0, anchored: true, longest });
  return match === undefined ? value : chars.slice(match.end).reverse().join('');
}

/**
 * `${value/pattern/replacement}`, or every match with `all`. There Go takes `$name` and `${name}` in the replacement
 * for groups, of which there are none, and `$$` for a dollar.
 */
export function replaceGlob(pattern: string, value: string, replacement: string, all: boolean): string {
  const tokens = tokenize(pattern);
  const chars = [...value];
  const codes = codesOf(chars);
  if (!all) {
    const match = matchGlob(tokens, codes, { from: 0, anchored: false, longest: true });
    if (match === undefined) return value;
    return chars.slice(0, match.start).join('') + replacement + chars.slice(match.end).join('');
  }
  const inserted = replacement.replace(/\$(\$|\{\w+\}|\w+)/g, (_, what: string) => (what === '$' ? '$' : ''));
  let out = '';
  let copied = 0;
  let from = 0;
  let work = 0;
  while (from <= chars.length) {
    const match = matchGlob(tokens, codes, { from, anchored: false, longest: true });
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
