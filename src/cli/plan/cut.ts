import { textWidth } from '../text-width.ts';

/** At most `width` columns of a text, the last one `…` where some are cut off. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const character of text) {
    const wide = textWidth(character);
    if (used + wide > width - 1) break;
    out += character;
    used += wide;
  }
  return `${out}…`;
}
