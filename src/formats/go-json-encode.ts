import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from './bytestring.ts';

/** One field of a Go struct: key, value, and whether Go leaves it out when empty (`omitempty`). */
export type GoStructField = readonly [key: string, value: GoValue | undefined, omitEmpty?: boolean];

/** A JSON object whose keys keep the order they are given in; made by `goStruct`. */
export interface GoStruct {
  readonly fields: readonly GoStructField[];
}

/** What can be printed as JSON. A Map prints with its keys sorted, as Go's maps do; a struct in its own order. */
export type GoValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>
  | GoStruct;

export interface GoJsonOptions {
  /** Write `<`, `>` and `&` as `\u003c` and so on; on by default, as in Go. */
  readonly escapeHtml?: boolean;
  /** Print over several lines, this text for each level (Go json.MarshalIndent). */
  readonly indent?: string;
  /** Write backspace and form feed as `\u0008` and `\u000c`, as Go before 1.22 does. */
  readonly longEscapes?: boolean;
}

/** An object that prints its fields in the given order; a field whose value is undefined is left out. */
export function goStruct(fields: readonly GoStructField[]): GoStruct {
  return { fields };
}

/**
 * JSON text byte for byte as Go's encoding/json prints it: compact, HTML-escaped, U+2028 and U+2029 escaped, a lone surrogate
 * (which stands for bytes that were no UTF-8) as `\ufffd`. No newline at the end. Throws LL_JSON for NaN and infinities.
 */
export function encodeGoJson(value: GoValue, options: GoJsonOptions = {}): string {
  return print(value, options, '\n');
}

const HTML: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

// Printable ASCII that nobody escapes: most texts.
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

function print(value: GoValue, options: GoJsonOptions, margin: string): string {
  if (typeof value === 'string') return printString(value, options);
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new LayerlabError('LL_JSON', `JSON cannot hold the number ${value}`);
  }
  if (typeof value !== 'object') return String(value);
  const inner = margin + (options.indent ?? '');
  if (isList(value)) {
    return wrap(
      '[]',
      value.map((item) => print(item, options, inner)),
      options,
      margin,
    );
  }
  const colon = options.indent === undefined ? ':' : ': ';
  const members = membersOf(value).map(
    ([key, member]) => printString(key, options) + colon + print(member, options, inner),
  );
  return wrap('{}', members, options, margin);
}

function wrap(brackets: '[]' | '{}', items: readonly string[], options: GoJsonOptions, margin: string): string {
  if (items.length === 0) return brackets;
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (options.indent === undefined) return open + items.join(',') + close;
  const inner = margin + options.indent;
  return open + inner + items.join(`,${inner}`) + margin + close;
}

function membersOf(value: GoStruct | ReadonlyMap<string, GoValue>): readonly (readonly [string, GoValue])[] {
  if (isMap(value)) {
    return [...value]
      .map(([key, member]) => ({ key, member, bytes: toByteString(key) }))
      .sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0))
      .map(({ key, member }) => [key, member] as const);
  }
  const members: (readonly [string, GoValue])[] = [];
  for (const [key, member, omitEmpty = false] of value.fields) {
    if (member !== undefined && !(omitEmpty && isEmpty(member))) members.push([key, member]);
  }
  return members;
}

// Go's notion for omitempty; a struct never counts as empty.
function isEmpty(value: GoValue): boolean {
  if (value === null || value === '' || value === 0 || value === 0n || value === false) return true;
  if (typeof value !== 'object') return false;
  if (isList(value)) return value.length === 0;
  return isMap(value) && value.size === 0;
}

function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

function isMap(value: GoStruct | ReadonlyMap<string, GoValue>): value is ReadonlyMap<string, GoValue> {
  return value instanceof Map;
}

function printString(text: string, options: GoJsonOptions): string {
  if (PLAIN.test(text)) return `"${text}"`;
  // JavaScript's escapes are Go's but for the characters below.
  let out = JSON.stringify(text);
  if (!text.isWellFormed()) {
    out = out.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (found) => (found.length === 6 ? '\\ufffd' : found));
  }
  if (options.longEscapes === true && /\\[bf]/.test(out)) {
    out = out.replace(/\\./g, (found) => (found === '\\b' ? '\\u0008' : found === '\\f' ? '\\u000c' : found));
  }
  const pattern = options.escapeHtml === false ? /[\u2028\u2029]/g : /[<>&\u2028\u2029]/g;
  return out.replace(pattern, (character) => HTML[character] ?? character);
}
