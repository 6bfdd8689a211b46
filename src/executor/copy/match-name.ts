import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';

/**
 * Go's `path/filepath.Match` for one name: `*` any run of bytes, `?` one character, `[a-z]` and `[^a-z]` classes, `\`
 * escapes. Works without backtracking over more than one star.
 *
 * @throws LL_PARSE where the pattern is malformed
 */
export function matchName(pattern: ByteString, name: ByteString): boolean {
  checkPattern(pattern);
  let p = 0;
  let n = 0;
  let starP = -1;
  let starN = 0;
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      starP = p;
      starN = n;
      p += 1;
      continue;
    }
    const next = p < pattern.length ? matchOne(pattern, p, name, n) : undefined;
    if (next?.matched) {
      p = next.p;
      n = next.n;
      continue;
    }
    if (starP < 0) return false;
    starN += characterLength(name, starN);
    n = starN;
    p = starP + 1;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Whether a pattern is well-formed. */
export function isPattern(pattern: ByteString): boolean {
  try {
    checkPattern(pattern);
    return true;
  } catch (error) {
    if (error instanceof LayerlabError) return false;
    throw error;
  }
}

/** Go looks at a whole pattern, also where the name is over before it. */
function checkPattern(pattern: ByteString): void {
  for (let p = 0; p < pattern.length; ) {
    if (pattern[p] === '[') {
      p = matchClass(pattern, p, '', 0).p;
      continue;
    }
    if (pattern[p] === '\\') p += 1;
    if (p >= pattern.length) throw bad(pattern);
    p += 1;
  }
}

interface One {
  readonly matched: boolean;
  readonly p: number;
  readonly n: number;
}

function matchOne(pattern: ByteString, p: number, name: ByteString, n: number): One {
  const length = characterLength(name, n);
  if (pattern[p] === '?') return { matched: true, p: p + 1, n: n + length };
  if (pattern[p] === '[') return matchClass(pattern, p, name.slice(n, n + length), n + length);
  const at = pattern[p] === '\\' ? p + 1 : p;
  if (at >= pattern.length) throw bad(pattern);
  return { matched: pattern[at] === name[n], p: at + 1, n: n + 1 };
}

function matchClass(pattern: ByteString, open: number, character: ByteString, nextN: number): One {
  let p = open + 1;
  const negated = pattern[p] === '^';
  if (negated) p += 1;
  let matched = false;
  for (let first = true; first || pattern[p] !== ']'; first = false) {
    const low = classCharacter(pattern, p);
    p = low.next;
    let high = low.character;
    if (pattern[p] === '-') {
      const end = classCharacter(pattern, p + 1);
      high = end.character;
      p = end.next;
    }
    if (low.character <= character && character <= high) matched = true;
  }
  return { matched: matched !== negated, p: p + 1, n: nextN };
}

function classCharacter(pattern: ByteString, p: number): { character: ByteString; next: number } {
  const at = pattern[p] === '\\' ? p + 1 : p;
  if (at >= pattern.length || pattern[p] === '-' || pattern[p] === ']') throw bad(pattern);
  const next = at + characterLength(pattern, at);
  if (next >= pattern.length) throw bad(pattern);
  return { character: pattern.slice(at, next), next };
}

/** Bytes of the UTF-8 character that begins here. */
function characterLength(text: ByteString, at: number): number {
  const byte = text.charCodeAt(at);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

function bad(pattern: ByteString): LayerlabError {
  return new LayerlabError('LL_PARSE', `syntax error in pattern: ${pattern}`);
}
