import { LayerlabError } from '../errors/layerlab-error.ts';

/**
 * Go's path.Match: `*` (not over `/`), `?`, `[a-z]`, `[^a]` and `\x`, on the whole text. Linear in pattern times text. Throws
 * LL_USAGE with Go's words for a malformed pattern.
 */
export function pathMatch(pattern: string, text: string): boolean {
  return matchTokens(tokenize([...pattern]), [...text]);
}

type Token = { readonly kind: 'star' } | { readonly kind: 'one'; readonly accepts: (char: string) => boolean };

function tokenize(pattern: readonly string[]): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at++];
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'one', accepts: (other) => other !== '/' });
    } else if (char === '[') {
      const negated = pattern[at] === '^';
      if (negated) at++;
      const ranges: (readonly [string, string])[] = [];
      for (; pattern[at] !== ']' || ranges.length === 0; ) {
        const low = bracketChar(pattern, at);
        at = low.next;
        const high = pattern[at] === '-' ? bracketChar(pattern, at + 1) : low;
        at = high.next;
        ranges.push([low.char, high.char]);
      }
      at++;
      tokens.push({
        kind: 'one',
        accepts: (other) => other !== '/' && ranges.some(([low, high]) => low <= other && other <= high) !== negated,
      });
    } else {
      const literal = char === '\\' ? pattern[at++] : char;
      if (literal === undefined) throw malformed();
      tokens.push({ kind: 'one', accepts: (other) => other === literal });
    }
  }
  return tokens;
}

function bracketChar(pattern: readonly string[], at: number): { readonly char: string; readonly next: number } {
  const escaped = pattern[at] === '\\';
  const char = pattern[escaped ? at + 1 : at];
  if (char === undefined || (!escaped && (char === '-' || char === ']'))) throw malformed();
  return { char, next: at + (escaped ? 2 : 1) };
}

function matchTokens(tokens: readonly Token[], text: readonly string[]): boolean {
  // Where the last star stood, and how far it reached: the only place to go back to.
  let [token, at, star, reached] = [0, 0, -1, 0];
  while (at < text.length) {
    const current = tokens[token];
    const char = text[at] as string;
    if (current?.kind === 'star') {
      star = token++;
      reached = at;
    } else if (current?.kind === 'one' && current.accepts(char)) {
      token++;
      at++;
    } else if (star >= 0 && text[reached] !== '/') {
      reached++;
      token = star + 1;
      at = reached;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'star') token++;
  return token === tokens.length;
}

function malformed(): LayerlabError {
  return new LayerlabError('LL_USAGE', 'syntax error in pattern');
}
