import { goQuote } from '../formats/go-quote.ts';
import { isGoSpace } from './go-text.ts';
import type { KeyValue } from './instruction.ts';
import { InstructionProblem } from './parse-error.ts';

const WHITESPACE = /[\t\v\f\r ]+/;

/** Words split at white space; none for an empty text (buildkit parser/line_parsers.go). */
export function splitAtSpaces(rest: string): readonly string[] {
  return rest === '' ? [] : rest.split(WHITESPACE);
}

/** Words of ENV, LABEL and ARG: quotes and escapes keep a word together and stay in it, for the expansion to remove. */
export function splitQuotedWords(rest: string, escapeToken: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quote = '';
  let blankOk = false;
  for (let pos = 0; pos < rest.length; pos++) {
    let char = rest.charAt(pos);
    if (!inWord) {
      if (isGoSpace(char)) continue;
      inWord = true;
    }
    if (quote === '') {
      if (isGoSpace(char)) {
        inWord = false;
        if (blankOk || word !== '') words.push(word);
        word = '';
        blankOk = false;
        continue;
      }
      if (char === "'" || char === '"') {
        quote = char;
        blankOk = true;
      }
    } else if (char === quote) {
      quote = '';
    }
    // An escape means nothing inside single quotes.
    if (char === escapeToken && quote !== "'") {
      if (pos + 1 === rest.length) {
        quote = '';
        continue;
      }
      word += char;
      pos++;
      char = rest.charAt(pos);
    }
    word += char;
  }
  if (inWord && (blankOk || word !== '')) words.push(word);
  return words;
}

/** The pairs of ENV or LABEL: `a=b c=d`, or the old form `key rest of line`. */
export function splitNameValues(rest: string, keyword: string, escapeToken: string): readonly KeyValue[] {
  const words = splitQuotedWords(rest, escapeToken);
  const first = words[0];
  if (first === undefined) return [];
  if (!first.includes('=')) {
    const gap = WHITESPACE.exec(rest);
    if (gap === null) throw new InstructionProblem(`${keyword} must have two arguments`);
    return [{ key: rest.slice(0, gap.index), value: rest.slice(gap.index + gap[0].length) }];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at < 0) {
      throw new InstructionProblem(`Syntax error - can't find = in ${goQuote(word)}. Must be of the form: name=value`);
    }
    return { key: word.slice(0, at), value: word.slice(at + 1) };
  });
}
