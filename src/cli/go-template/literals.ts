import type { Token } from './lexer.ts';
import { parseError } from './template-error.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"])|(.?))/gs;

/** The text of `"..."` or of a raw string (Go strconv.Unquote). Throws LL_FORMAT. */
export function unquoteString(source: string, token: Token): string {
  const inner = token.text.slice(1, -1);
  return token.kind === 'raw-string' ? inner : unescapeText(source, token, inner);
}

/** The code point of `'x'`. Throws LL_FORMAT. */
export function unquoteCharacter(source: string, token: Token): number {
  const characters = [...unescapeText(source, token, token.text.slice(1, -1))];
  const [first] = characters;
  if (first === undefined || characters.length > 1) {
    throw parseError(source, token.position, `malformed character constant: ${token.text}`);
  }
  return first.codePointAt(0) ?? 0;
}

function unescapeText(source: string, token: Token, text: string): string {
  return text.replace(ESCAPE, (_whole, x, u, wide, octal, simple) => {
    const digits = x ?? u ?? wide;
    if (digits !== undefined || octal !== undefined) {
      const point = digits === undefined ? Number.parseInt(octal, 8) : Number.parseInt(digits, 16);
      if (point <= 0x10ffff) return String.fromCodePoint(point);
    }
    const replacement = simple === undefined ? undefined : ESCAPES[simple];
    if (replacement === undefined) throw parseError(source, token.position, 'invalid syntax');
    return replacement;
  });
}

/** A number as Go reads one: decimal, 0x, 0o, 0b, with `_` between digits; a fraction or exponent makes it a float. */
export function parseNumber(source: string, token: Token): number | bigint {
  const text = token.text.replace(/_/g, '');
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '');
  let value: number | bigint | undefined;
  if (/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/.test(digits)) {
    const octal = /^0[0-7]+$/.test(digits);
    const big = BigInt(octal ? `0o${digits.slice(1)}` : digits);
    value = big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
  } else if (/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(digits)) {
    value = Number(digits);
  }
  if (value === undefined) throw parseError(source, token.position, `bad number syntax: ${JSON.stringify(token.text)}`);
  return negative ? -value : value;
}
