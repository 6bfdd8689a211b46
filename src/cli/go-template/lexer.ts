import { parseError } from './template-error.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'field'
  | 'variable'
  | 'word'
  | 'dot'
  | 'number'
  | 'character'
  | 'string'
  | 'raw-string'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
  readonly spaceBefore: boolean;
}

const SPACE = /[ \t\r\n]/;
const SPACES = /[ \t\r\n]+/y;
const TRIM_START = /^[ \t\r\n]+/;
const TRIM_END = /[ \t\r\n]+$/;
const FIELD = /\.[\p{L}\p{Nd}_]+/uy;
const VARIABLE = /\$[\p{L}\p{Nd}_]*/uy;
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const NUMBER = /[+-]?(?:\.?[0-9])(?:[eEpP][+-]?[0-9]|[0-9A-Za-z_.])*/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const CHARACTER = /'(?:[^'\\\n]|\\[^\n])*'/y;
const RAW = /`[^`]*`/y;
const SYMBOL = /:=|[=|(),]/y;

/** The tokens of a template (text/template/parse lex.go). Throws LL_FORMAT. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    const trimsBefore = open >= 0 && source[open + 2] === '-' && SPACE.test(source[open + 3] ?? '');
    let text = source.slice(at, end);
    if (trimNext) text = text.replace(TRIM_START, '');
    if (trimsBefore) text = text.replace(TRIM_END, '');
    if (text !== '') tokens.push(token('text', text, at, false));
    if (open < 0) break;
    const body = open + (trimsBefore ? 3 : 2);
    const action = lexAction(source, open, body, tokens);
    at = action.end;
    trimNext = action.trims;
  }
  tokens.push(token('end', '', source.length, false));
  return tokens;
}

interface ActionEnd {
  readonly end: number;
  readonly trims: boolean;
}

function lexAction(source: string, open: number, body: number, tokens: Token[]): ActionEnd {
  const comment = /[ \t\r\n]*\/\*/y;
  comment.lastIndex = body;
  if (comment.test(source)) return lexComment(source, open, comment.lastIndex);
  tokens.push(token('open', '{{', open, false));
  let at = body;
  let depth = 0;
  for (;;) {
    const space = match(SPACES, source, at);
    at += space.length;
    const spaced = space !== '';
    const trims = spaced && source.startsWith('-}}', at);
    if (trims || source.startsWith('}}', at)) {
      if (depth > 0) throw parseError(source, at, 'unclosed left paren');
      tokens.push(token('close', '}}', at, spaced));
      return { end: at + (trims ? 3 : 2), trims };
    }
    if (at >= source.length) throw parseError(source, open, 'unclosed action');
    const next = lexInside(source, at, spaced);
    if (next.text === '(') depth += 1;
    if (next.text === ')' && --depth < 0) throw parseError(source, at, 'unexpected right paren');
    tokens.push(next);
    at += next.text.length;
  }
}

function lexComment(source: string, open: number, from: number): ActionEnd {
  const end = source.indexOf('*/', from);
  if (end < 0) throw parseError(source, open, 'unclosed comment');
  const close = /(?:[ \t\r\n]-)?\}\}/y;
  close.lastIndex = end + 2;
  const found = close.exec(source);
  if (found === null) throw parseError(source, open, 'comment ends before closing delimiter');
  return { end: close.lastIndex, trims: found[0].includes('-') };
}

const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', STRING],
  ['raw-string', RAW],
  ['character', CHARACTER],
  ['variable', VARIABLE],
  ['number', NUMBER],
  ['field', FIELD],
  ['word', WORD],
  ['symbol', SYMBOL],
];

function lexInside(source: string, at: number, spaced: boolean): Token {
  for (const [kind, rule] of RULES) {
    const text = match(rule, source, at);
    if (text !== '') return token(kind, text, at, spaced);
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '.') return token('dot', '.', at, spaced);
  if (character === '"') throw parseError(source, at, 'unterminated quoted string');
  if (character === '`') throw parseError(source, at, 'unterminated raw quoted string');
  if (character === "'") throw parseError(source, at, 'unterminated character constant');
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  if (character === ':') throw parseError(source, at, 'expected :=');
  const shown = /^[ -~]$/.test(character) ? ` '${character}'` : '';
  throw parseError(source, at, `bad character U+${code}${shown}`);
}

function match(rule: RegExp, source: string, at: number): string {
  rule.lastIndex = at;
  return rule.exec(source)?.[0] ?? '';
}

function token(kind: TokenKind, text: string, position: number, spaceBefore: boolean): Token {
  return { kind, text, position, spaceBefore };
}
