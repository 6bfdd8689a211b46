import { LayerlabError } from '../errors/layerlab-error.ts';
import { goQuote } from '../formats/go-quote.ts';
import { replaceGlob, trimGlobPrefix, trimGlobSuffix } from './glob-substitution.ts';
import { isGoSpace } from './go-text.ts';

/** Where variables are looked up: a map, or what stands for one. */
export interface Variables {
  get(name: string): string | undefined;
}

/** How a word is read; all false by default (buildkit shell/lex.go `Lex`). */
export interface ExpandOptions {
  /** The escape character of the Dockerfile. */
  readonly escapeToken?: string;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escapes stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes mean nothing (bodies of inline documents). */
  readonly skipQuotes?: boolean;
  /** A variable that is not set stays as written. */
  readonly keepUnset?: boolean;
  /** Whether substitutions other than `:-`, `:+` and `:?` are known; true by default. */
  readonly allSubstitutions?: boolean;
  /** Where the names of unset variables are put, so that they are known of a word, too, that cannot be expanded. */
  readonly unset?: Set<string>;
}

/** What a Dockerfile says of the reading of its words. */
export type WordRules = Pick<ExpandOptions, 'escapeToken' | 'allSubstitutions'>;

export interface ExpandedWord {
  readonly text: string;
  /** Names that were asked for and are not set. */
  readonly unset: ReadonlySet<string>;
}

/** Longest text an expansion may make: words that double themselves line by line must not fill the memory. */
const MAX_LENGTH = 16 * 1024 * 1024;
const MAX_DEPTH = 500;
const EOF = '';
const MISSING_BRACE = "syntax error: missing '}'";
const MISSING_SLASH = "syntax error: missing '/' in $" + '{}';
const SPECIAL = new Set(['@', '*', '#', '?', '-', '$', '!', '0']);
const BLANK = /^[ \t]$/;

class ExpandProblem extends Error {}

/**
 * Expands the variables of a word and removes quotes and escapes. Throws LL_PARSE in docker's words (`failed to process
 * "..": ..`), LL_LIMIT for a result over 16 MiB.
 */
export function expandWord(word: string, env: Variables, options: ExpandOptions = {}): ExpandedWord {
  const lexer = new Lexer(word, env, options);
  return { text: expand(lexer, word, options, undefined), unset: lexer.unset };
}

function expand(lexer: Lexer, word: string, options: ExpandOptions, words: WordCollector | undefined): string {
  try {
    return lexer.processUntil(EOF, options.rawEscapes === true, words);
  } catch (error) {
    if (!(error instanceof ExpandProblem)) throw error;
    throw new LayerlabError('LL_PARSE', `failed to process ${goQuote(word)}: ${error.message}`);
  }
}

/** The expanded text of a word, white space kept. */
export function processWord(word: string, env: Variables, options: ExpandOptions = {}): string {
  return isPlainWord(word) ? word : expandWord(word, env, options).text;
}

/** The text split at white space that stands outside of quotes or came out of a variable: `$ports` with `80 443` gives two. */
export function processWords(word: string, env: Variables, options: ExpandOptions = {}): readonly string[] {
  const words = new WordCollector();
  expand(new Lexer(word, env, options), word, options, words);
  return words.finish();
}

/** Whether nothing in a word can expand, and neither escape token nor a quote is in it. */
export function isPlainWord(word: string): boolean {
  return PLAIN.test(word);
}

const PLAIN = /^[\w./:=@,+-]*$/;

class Lexer {
  readonly unset: Set<string>;
  readonly #chars: readonly string[];
  readonly #env: Variables;
  readonly #options: ExpandOptions;
  readonly #escape: string;
  #rawEscapes: boolean;
  #position = 0;
  #depth = 0;

  constructor(word: string, env: Variables, options: ExpandOptions) {
    // Go's text scanner drops a byte order mark in front.
    this.#chars = [...(word.startsWith('\ufeff') ? word.slice(1) : word)];
    this.#env = env;
    this.#options = options;
    this.unset = options.unset ?? new Set();
    this.#escape = options.escapeToken ?? '\\';
    this.#rawEscapes = options.rawEscapes === true;
  }

  #peek(): string {
    return this.#chars[this.#position] ?? EOF;
  }

  #next(): string {
    return this.#chars[this.#position++] ?? EOF;
  }

  /** @param words takes the words of the text, where they are wanted */
  processUntil(stop: string, rawEscapes: boolean, words?: WordCollector): string {
    if (++this.#depth > MAX_DEPTH) throw new LayerlabError('LL_LIMIT', 'substitutions are nested too deep');
    const outer = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    let text = '';
    let closed = stop === EOF;
    while (this.#peek() !== EOF) {
      const char = this.#peek();
      if (stop !== EOF && char === stop) {
        this.#next();
        closed = true;
        break;
      }
      const special = this.#special(char);
      if (special !== undefined) {
        text += special;
        if (char === '$') words?.addExpanded(special);
        else words?.addQuoted(special);
      } else {
        text += this.#plain(words);
      }
      if (text.length > MAX_LENGTH) throw new LayerlabError('LL_LIMIT', 'an expanded word is longer than 16 MiB');
    }
    this.#rawEscapes = outer;
    this.#depth--;
    if (!closed) throw new ExpandProblem(`unexpected end of statement while looking for matching ${stop}`);
    return text;
  }

  #special(char: string): string | undefined {
    if (char === '$') return this.#dollar();
    if (this.#options.skipQuotes === true) return undefined;
    if (char === "'") return this.#singleQuote();
    if (char === '<') return this.#lessThan();
    return char === '"' ? this.#doubleQuote() : undefined;
  }

  /** Blanks behind `<<` do not end a word: what follows may be the delimiter of an inline document. */
  #lessThan(): string | undefined {
    if (this.#options.allSubstitutions === false) return undefined;
    this.#next();
    if (this.#peek() !== '<') return '<';
    this.#next();
    return `<<${this.#while(BLANK)}`;
  }

  #plain(words: WordCollector | undefined): string {
    const char = this.#next();
    if (char !== this.#escape) {
      words?.addChar(char);
      return char;
    }
    const kept = this.#rawEscapes ? char : '';
    if (kept !== '') words?.addQuoted(kept);
    const escaped = this.#next();
    if (escaped !== EOF) words?.addQuoted(escaped);
    return kept + escaped;
  }

  #singleQuote(): string {
    const quote = this.#options.rawQuotes === true ? "'" : '';
    this.#next();
    const end = this.#chars.indexOf("'", this.#position);
    if (end < 0) throw this.#atEnd('unexpected end of statement while looking for matching single-quote');
    const inner = this.#chars.slice(this.#position, end).join('');
    this.#position = end + 1;
    return quote + inner + quote;
  }

  #doubleQuote(): string {
    const quote = this.#options.rawQuotes === true ? '"' : '';
    this.#next();
    let text = quote;
    for (;;) {
      const char = this.#peek();
      if (char === EOF) {
        throw new ExpandProblem('unexpected end of statement while looking for matching double-quote');
      }
      if (char === '"') {
        this.#next();
        return text + quote;
      }
      text += char === '$' ? this.#dollar() : this.#quotedChar();
      if (text.length > MAX_LENGTH) throw new LayerlabError('LL_LIMIT', 'an expanded word is longer than 16 MiB');
    }
  }

  #quotedChar(): string {
    const char = this.#next();
    if (char !== this.#escape) return char;
    const kept = this.#rawEscapes ? char : '';
    const after = this.#peek();
    if (after === EOF) return kept;
    return after === '"' || after === '$' || after === this.#escape ? kept + this.#next() : kept + char;
  }

  #atEnd(message: string): ExpandProblem {
    this.#position = this.#chars.length;
    return new ExpandProblem(message);
  }

  #dollar(): string {
    this.#next();
    if (this.#peek() !== '{') {
      const name = this.#name();
      if (name === '') return '$';
      return this.#get(name) ?? (this.#options.keepUnset === true ? `$${name}` : '');
    }
    this.#next();
    const first = this.#peek();
    if (first === EOF) throw new ExpandProblem(MISSING_BRACE);
    if (first === '{' || first === '}' || first === ':') throw new ExpandProblem('syntax error: bad substitution');
    const name = this.#name();
    const operator = this.#next();
    if (operator === '}') return this.#get(name) ?? (this.#options.keepUnset === true ? `\${${name}}` : '');
    if (this.#options.allSubstitutions === false && operator !== ':') {
      throw new ExpandProblem("missing ':' in substitution");
    }
    if (operator === '/') return this.#replace(name);
    return this.#modify(name, operator);
  }

  #modify(name: string, first: string): string {
    const colon = first === ':';
    const operator = colon ? this.#next() : first;
    const prefix = colon && this.#options.allSubstitutions !== false ? ':' : '';
    const shown = prefix + (operator === EOF ? '\ufffd' : operator);
    if (!colon && !['+', '-', '?', '#', '%'].includes(operator)) throw unsupported(shown);
    if (colon && (operator === '#' || operator === '%')) throw unsupported(shown);
    const word = this.#enclosed('}', operator === '#' || operator === '%', MISSING_BRACE);
    const value = this.#get(name);
    if (value === undefined && this.#options.keepUnset === true) return `\${${name}${shown}${word}}`;
    const missing = value === undefined || (colon && value === '');
    if (operator === '-') return missing ? word : value;
    if (operator === '+') return missing ? '' : word;
    if (operator === '?') {
      if (!missing) return value;
      const why = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty';
      throw new ExpandProblem(`${name}: ${word === '' ? why : word}`);
    }
    const takesPattern = !colon && (operator === '#' || operator === '%');
    if (!takesPattern || this.#options.allSubstitutions === false) throw unsupported(shown);
    const longest = word.startsWith(operator);
    const pattern = longest ? word.slice(1) : word;
    const trim = operator === '%' ? trimGlobSuffix : trimGlobPrefix;
    return withPattern(pattern, () => trim(pattern, value ?? '', longest));
  }

  #replace(name: string): string {
    const all = this.#peek() === '/';
    if (all) this.#next();
    const pattern = this.#enclosed('/', true, MISSING_SLASH);
    const replacement = this.#enclosed('}', true, MISSING_BRACE);
    const value = this.#get(name);
    if (value === undefined && this.#options.keepUnset === true) return `\${${name}/${pattern}/${replacement}}`;
    return withPattern(pattern, () => replaceGlob(pattern, value ?? '', replacement, all));
  }

  /** The text up to `stop`; an end of the word on the way is reported as `missing`. */
  #enclosed(stop: string, rawEscapes: boolean, missing: string): string {
    try {
      return this.processUntil(stop, rawEscapes);
    } catch (error) {
      if (error instanceof ExpandProblem && this.#peek() === EOF) throw new ExpandProblem(missing);
      throw error;
    }
  }

  #name(): string {
    const first = this.#peek();
    // Parsed where they are needed: classes of Unicode take V8 long.
    const digit = /^\p{Nd}$/u;
    if (digit.test(first)) return this.#while(digit);
    if (SPECIAL.has(first)) return this.#next();
    return /^[\p{L}_]$/u.test(first) ? this.#while(/^[\p{L}\p{Nd}_]$/u) : '';
  }

  #while(accepted: RegExp): string {
    const start = this.#position;
    while (this.#peek() !== EOF && accepted.test(this.#peek())) this.#position++;
    return this.#chars.slice(start, this.#position).join('');
  }

  #get(name: string): string | undefined {
    const value = this.#env.get(name);
    if (value === undefined) this.unset.add(name);
    return value;
  }
}

function unsupported(modifier: string): ExpandProblem {
  return new ExpandProblem(`unsupported modifier (${modifier}) in substitution`);
}

function withPattern(pattern: string, apply: () => string): string {
  try {
    return apply();
  } catch (error) {
    if (error instanceof LayerlabError || !(error instanceof Error)) throw error;
    throw new ExpandProblem(`invalid pattern (${pattern}) in substitution: ${error.message}`);
  }
}

/** Collects the words of a text: white space splits only where it is not quoted. */
class WordCollector {
  readonly #words: string[] = [];
  #word = '';

  addChar(char: string): void {
    if (!isGoSpace(char)) this.#word += char;
    else this.finish();
  }

  addExpanded(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (!isGoSpace(text.charAt(at))) continue;
      this.#word += text.slice(from, at);
      this.finish();
      from = at + 1;
    }
    this.#word += from === 0 ? text : text.slice(from);
  }

  addQuoted(text: string): void {
    this.#word += text;
  }

  finish(): readonly string[] {
    if (this.#word !== '') this.#words.push(this.#word);
    this.#word = '';
    return this.#words;
  }
}
