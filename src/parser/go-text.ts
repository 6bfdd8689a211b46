import { compareBytes, toByteString } from '../formats/bytestring.ts';

/** The characters of Go's `unicode.IsSpace`, for a character class. */
const SPACES = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACES}]+`);
const SPACE = new RegExp(`[${SPACES}]`);

/** Go's `unicode.IsSpace` for one character; an empty text is none. */
export function isGoSpace(char: string): boolean {
  return char <= ' ' || char > '\u007f' ? SPACE.test(char) : false;
}

/** Go's `strings.TrimLeftFunc(text, unicode.IsSpace)`. */
export function trimGoSpaceLeft(text: string): string {
  return isGoSpace(text.charAt(0)) ? text.replace(LEADING, '') : text;
}

/** Go's `strings.TrimSpace`. */
export function trimGoSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isGoSpace(text.charAt(end - 1))) end--;
  return trimGoSpaceLeft(text.slice(0, end));
}

/** Bytewise order of the UTF-8 forms, as Go's `sort.Strings`. */
export function compareGoStrings(a: string, b: string): number {
  return compareBytes(toByteString(a), toByteString(b));
}
