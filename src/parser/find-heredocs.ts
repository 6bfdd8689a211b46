import { processWords } from './expand-word.ts';
import type { Heredoc } from './instruction.ts';

const HEREDOC = /^(\d*)<<(-?)\s*([^<]*)$/;
const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}

/**
 * The inline document that a word announces, without its data, or undefined (buildkit parser.go ParseHeredoc). A quote
 * anywhere in the delimiter means that the document is not expanded.
 */
export function parseHeredocWord(word: string): Omit<Heredoc, 'data'> | undefined {
  const match = HEREDOC.exec(word);
  const rest = match?.[3];
  if (match === null || rest === undefined || rest === '') return undefined;
  const words = processWords(rest, NO_VARIABLES, { keepUnset: true });
  const raw = processWords(rest, NO_VARIABLES, { keepUnset: true, rawQuotes: true });
  const [name] = words;
  if (words.length !== 1 || name === undefined) return undefined;
  return {
    name,
    fileDescriptor: Number.parseInt(match[1] || '0', 10),
    expand: countQuotes(name) === countQuotes(raw[0] ?? ''),
    chomp: match[2] === '-',
  };
}

/** The same for a word whose delimiter may be unreadable: then it is an ordinary word, as it is for docker. */
export function heredocOrNone(word: string): Omit<Heredoc, 'data'> | undefined {
  try {
    return parseHeredocWord(word);
  } catch {
    return undefined;
  }
}

/** Every inline document that an instruction line announces, in order; a line that cannot be split has none. */
export function findHeredocs(line: string): readonly Omit<Heredoc, 'data'>[] {
  let words: readonly string[];
  try {
    words = processWords(line, NO_VARIABLES, { keepUnset: true, rawQuotes: true, rawEscapes: true });
  } catch {
    return [];
  }
  return words.map(parseHeredocWord).filter((heredoc) => heredoc !== undefined);
}

/** The data of a `<<-` document without the tabs in front of its lines. */
export function chompHeredoc(data: string): string {
  return data.replace(/(^|\n)\t+/g, '$1');
}
