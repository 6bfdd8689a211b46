const SIMPLE: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x5c, '\\\\'],
]);

const PLAIN = /^[ !#-[\]-~]*$/;

/** A text as Go's strconv.Quote and the verb %q print it. A lone surrogate stands for bytes that were no UTF-8: U+FFFD. */
export function goQuote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = '"';
  for (const character of text) out += character === '"' ? '\\"' : escapeRune(character.codePointAt(0) ?? 0xfffd);
  return `${out}"`;
}

/** A list of texts as Go's %q prints a []string: `["a" "b"]`. */
export function goQuoteList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

/** A number as Go's %q prints an integer, as a quoted rune: 3 is `'\x03'`, 65 is `'A'`; what is no rune is U+FFFD. */
export function goQuoteRune(value: number): string {
  if (value === 0x27) return "'\\''";
  const valid = Number.isInteger(value) && value >= 0 && value <= 0x10ffff && !isSurrogate(value);
  return `'${escapeRune(valid ? value : 0xfffd)}'`;
}

function escapeRune(rune: number): string {
  if (isSurrogate(rune)) return '\ufffd';
  const simple = SIMPLE.get(rune);
  if (simple !== undefined) return simple;
  const character = String.fromCodePoint(rune);
  // strconv.IsPrint: letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020.
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune > 0xffff ? `\\U${hex(rune, 8)}` : `\\u${hex(rune, 4)}`;
}

function isSurrogate(rune: number): boolean {
  return rune >= 0xd800 && rune <= 0xdfff;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}
