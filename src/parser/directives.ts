import { syntax28 } from '../profiles/dockerfile-syntax.ts';
import { InstructionProblem } from './parse-error.ts';

/** Parser directives of the top of a file: `# escape=`, `# syntax=`, `# check=`. */
export interface Directives {
  readonly escapeToken: '\\' | '`';
  readonly syntax: string | undefined;
  readonly check: string | undefined;
}

const DIRECTIVE = /^#[\t\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=/;
const BLANKS = '\t\f\r ';

/**
 * A line `# key = value`, white space at both ends of the value dropped (buildkit's expression lets the value be the last
 * blank where there are blanks alone). Takes a time that grows with the line.
 */
function directiveOf(line: string): { readonly key: string; readonly value: string } | undefined {
  const match = DIRECTIVE.exec(line);
  const key = match?.[1];
  if (match === null || key === undefined || match[0].length === line.length) return undefined;
  let start = match[0].length;
  let end = line.length;
  while (start < end - 1 && BLANKS.includes(line.charAt(start))) start++;
  while (end > start + 1 && BLANKS.includes(line.charAt(end - 1))) end--;
  return { key: key.toLowerCase(), value: line.slice(start, end) };
}

function isKnown(key: string): key is 'escape' | 'syntax' | 'check' {
  return key === 'escape' || key === 'syntax' || key === 'check';
}

/** Reads directives line by line until the first line that is none (buildkit parser/directives.go). */
export class DirectiveReader {
  escapeToken: '\\' | '`' = '\\';
  readonly #known: ReadonlySet<string>;
  readonly #seen = new Map<'escape' | 'syntax' | 'check', string>();
  #done = false;

  constructor(known: ReadonlySet<string> = syntax28.directives) {
    this.#known = known;
  }

  /**
   * Takes a line without its line end and tells whether it is a directive; throws InstructionProblem for a repeated
   * directive or a wrong escape.
   */
  read(line: string): boolean {
    if (this.#done) return false;
    const directive = directiveOf(line);
    const key = directive?.key;
    if (directive === undefined || key === undefined || !isKnown(key) || !this.#known.has(key)) {
      this.#done = true;
      return false;
    }
    const { value } = directive;
    if (this.#seen.has(key)) throw new InstructionProblem(`only one ${key} parser directive can be used`);
    this.#seen.set(key, value);
    if (key !== 'escape') return true;
    if (value !== '\\' && value !== '`') {
      throw new InstructionProblem(`invalid escape token '${value}' does not match \` or \\`);
    }
    this.escapeToken = value;
    return true;
  }

  result(): Directives {
    return Object.freeze({
      escapeToken: this.escapeToken,
      syntax: this.#seen.get('syntax'),
      check: this.#seen.get('check'),
    });
  }
}
