const ASCII = /^[ -~]*$/;

/** How many columns of a terminal a text takes: wide East Asian characters and emoji two, marks and controls none. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  // Patterns with classes of Unicode are parsed where they are needed: each takes V8 up to half a millisecond.
  for (const character of text.replace(/\p{Cc}\[[0-9;]*[A-Za-z]/gu, '')) width += characterWidth(character);
  return width;
}

// The bundle puts this in place of the package string-width, which exports a default.
export default textWidth;

function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u.test(character)) return 0;
  return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Whether Unicode counts a character as East Asian wide or full width. */
export function isWide(point: number): boolean {
  if (point < 0x1100) return false;
  return (
    point <= 0x115f ||
    (point >= 0x2e80 && point <= 0x303e) ||
    (point >= 0x3041 && point <= 0xa4cf) ||
    (point >= 0xa960 && point <= 0xa97c) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff01 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x1f300 && point <= 0x1f64f) ||
    (point >= 0x1f900 && point <= 0x1f9ff) ||
    (point >= 0x20000 && point <= 0x3fffd)
  );
}
