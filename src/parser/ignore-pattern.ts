import { compileLinear } from './linear-pattern.ts';

/** One line of .dockerignore. */
export interface IgnorePattern {
  /** The cleaned pattern, without `!`. */
  readonly text: string;
  /** True for a `!` line: what it matches is taken in again. */
  readonly exclusion: boolean;
  /** Whether the pattern itself matches a path (text, relative, no trailing slash); parents are not looked at. */
  readonly matches: (path: string) => boolean;
}

/** What is escaped on the way to Go's regexp; `|`, `{` and `}` are not, whatever upstream means to do, and mean there what they mean. */
const REGEXP_META = '.+()$';

/**
 * Compiles a cleaned pattern (moby/patternmatcher `Pattern.compile`). Throws an Error `syntax error in pattern` for
 * classes and escapes that Go's matcher refuses.
 *
 * @param endsAlone whether `**x` is whatever ends with x; else it is a name x at any depth, as in Docker 20.10
 */
export function compileIgnorePattern(text: string, exclusion: boolean, endsAlone = true): IgnorePattern {
  checkSyntax(text);
  return { text, exclusion, matches: compileMatcher(text, endsAlone) };
}

function compileMatcher(pattern: string, endsAlone: boolean): (path: string) => boolean {
  const special = /[*?[\]\\]/.test(pattern);
  if (!special) return (path) => path === pattern;
  const inner = pattern.startsWith('**') ? pattern.slice(2) : pattern.endsWith('**') ? pattern.slice(0, -2) : undefined;
  const isShort = endsAlone || !/^\*\*[^/]/.test(pattern);
  if (isShort && inner !== undefined && inner !== '' && !/[*?[\]\\]/.test(inner)) {
    return pattern.startsWith('**') ? suffixMatcher(inner) : (path) => path.startsWith(inner);
  }
  if (/^\*\*\/?(?:\*\*)?$/.test(pattern)) return () => true;
  return compileLinear(toExpression(pattern));
}

function suffixMatcher(suffix: string): (path: string) => boolean {
  const whole = suffix.startsWith('/') ? suffix.slice(1) : undefined;
  return (path) => path.endsWith(suffix) || path === whole;
}

/** The regular expression that the pattern stands for, in the few forms that `compileLinear` knows. */
function toExpression(pattern: string): string {
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '*' && pattern[at + 1] === '*') {
      at += pattern[at + 2] === '/' ? 2 : 1;
      out += at + 1 >= pattern.length ? '.*' : '(.*/)?';
    } else if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (REGEXP_META.includes(char)) out += `\\${char}`;
    else if (char === '\\') {
      at++;
      out += at < pattern.length ? `\\${pattern.charAt(at)}` : '\\\\';
    } else out += char;
  }
  return out;
}

/** Go's filepath.Match refuses open classes, empty ranges and an escape at the end. */
function checkSyntax(pattern: string): void {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') {
      at++;
      if (at >= pattern.length) throw new Error('syntax error in pattern');
    } else if (pattern[at] === '[') at = endOfClass(pattern, at + 1);
  }
}

function endOfClass(pattern: string, start: number): number {
  let at = pattern[start] === '^' ? start + 1 : start;
  for (let ranges = 0; ; ranges++) {
    if (pattern[at] === ']' && ranges > 0) return at;
    at = endOfChar(pattern, at);
    if (pattern[at] === '-') at = endOfChar(pattern, at + 1);
  }
}

function endOfChar(pattern: string, at: number): number {
  const char = pattern[at];
  const first = char === '\\' ? at + 1 : at;
  if (char === undefined || char === '-' || char === ']' || first >= pattern.length) {
    throw new Error('syntax error in pattern');
  }
  return first + 1;
}
