import type { SourceRange } from '../instruction.ts';

/** A name of a variable or of an instruction ends at any other character. */
const WORD = /[\p{L}\p{Nd}_]/u;

/**
 * Where a text stands inside an instruction: the first time it is not a part of a longer word. Undefined where the text
 * is not there as it is, because a continuation or a quote goes through it.
 */
export function findPlace(lines: readonly string[], range: SourceRange, text: string): SourceRange | undefined {
  if (text === '') return undefined;
  for (let line = range.startLine; line <= range.endLine; line++) {
    const row = lines[line - 1] ?? '';
    if (line > range.startLine && row.trimStart().startsWith('#')) continue;
    for (let at = row.indexOf(text); at >= 0; at = row.indexOf(text, at + 1)) {
      const end = at + text.length;
      const joinsBefore = at > 0 && WORD.test(row.charAt(at - 1)) && WORD.test(text.charAt(0));
      const joinsAfter = WORD.test(row.charAt(end)) && WORD.test(text.charAt(text.length - 1));
      if (joinsBefore || joinsAfter) continue;
      return { startLine: line, endLine: line, startColumn: at, endColumn: end };
    }
  }
  return undefined;
}
