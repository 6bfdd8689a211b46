import { fromByteString, toByteString } from '../formats/bytestring.ts';
import { isGoSpace, trimGoSpace } from './go-text.ts';

/** An instruction line taken apart: keyword as written, flag words, and the rest without outer white space. */
export interface CommandParts {
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

const WHITESPACE = /[\t\v\f\r ]+/;

/** Splits an instruction line (buildkit parser/split_command.go). */
export function splitCommand(line: string): CommandParts {
  const trimmed = trimGoSpace(line);
  const gap = WHITESPACE.exec(trimmed);
  if (gap === null) return { keyword: trimmed, flags: [], rest: '' };
  const keyword = trimmed.slice(0, gap.index);
  const tail = trimmed.slice(gap.index + gap[0].length);
  const first = tail.charAt(0);
  if (first !== '-' && !isGoSpace(first)) return { keyword, flags: [], rest: tail };
  const { flags, rest } = extractFlags(toByteString(tail));
  return { keyword, flags, rest: trimGoSpace(rest) };
}

/**
 * The leading words that start with `--`, quotes and backslashes taken away; a bare `--` ends them. Docker walks bytes
 * and makes a character of each, so the words stay byte strings.
 */
function extractFlags(line: string): { flags: readonly string[]; rest: string } {
  const flags: string[] = [];
  let word = '';
  let inWord = false;
  let quote = '';
  let blankOk = false;
  for (let pos = 0; pos < line.length; pos++) {
    let char = line.charAt(pos);
    if (!inWord) {
      if (isGoSpace(char)) continue;
      if (!line.startsWith('--', pos)) return { flags, rest: fromByteString(line.slice(pos)) };
      inWord = true;
    }
    if (quote === '' && isGoSpace(char)) {
      if (word === '--') return { flags, rest: fromByteString(line.slice(pos)) };
      if (blankOk || word !== '') flags.push(word);
      inWord = false;
      word = '';
      blankOk = false;
      continue;
    }
    if (quote === '' && (char === "'" || char === '"')) {
      quote = char;
      blankOk = true;
      continue;
    }
    if (quote !== '' && char === quote) {
      quote = '';
      continue;
    }
    if (char === '\\') {
      if (pos + 1 === line.length) continue;
      pos++;
      char = line.charAt(pos);
    }
    word += char;
  }
  if (inWord && word !== '--' && (blankOk || word !== '')) flags.push(word);
  return { flags, rest: '' };
}
