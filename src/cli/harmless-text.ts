/** What nearly every text is made of, and told much faster than what is not. */
const PLAIN = /^[ -~\t\n]*$/;

/**
 * Text that came from outside (names, labels, commands, logs), made safe for a terminal: control characters show as
 * `^[` or `\u0085` instead of acting. Tabs and newlines stay.
 */
export function harmlessText(text: string): string {
  if (PLAIN.test(text)) return text;
  // Controls but tab and newline, and the marks that reorder text on screen. Parsed where it is needed: classes of Unicode take V8 long.
  return text.replace(/(?![\t\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    return code === 0x7f ? '^?' : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
