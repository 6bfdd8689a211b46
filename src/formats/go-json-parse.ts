import { LayerlabError } from '../errors/layerlab-error.ts';
import { parsePlainJson } from './plain-json.ts';

/** A JSON object: its keys in the order of the document, the last of two equal keys counting (as in Go). */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** A parsed document. Whole numbers beyond 2^53 come as bigint. */
export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonLimits {
  /** Of the document, in bytes or UTF-16 units; 64 MiB unless told. */
  readonly maxLength?: number;
  /** How deep lists and objects may nest; 200 unless told. */
  readonly maxDepth?: number;
}

interface Cursor {
  readonly text: string;
  readonly maxDepth: number;
  at: number;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const MAX_DIGITS = 400;

/**
 * Reads one JSON document (RFC 8259, nothing more) into Maps, arrays and scalars, so that no key can collide with
 * JavaScript's own. What is no Unicode becomes U+FFFD, as in Go. Throws LL_JSON for malformed text, LL_LIMIT for text over a
 * limit.
 */
export function parseGoJson(input: string | Buffer, limits: JsonLimits = {}): JsonValue {
  const { maxLength = 64 << 20, maxDepth = 200 } = limits;
  if (input.length > maxLength) throw new LayerlabError('LL_LIMIT', `a JSON document is over ${maxLength} bytes long`);
  const text = typeof input === 'string' ? input : input.toString('utf8');
  const plain = parsePlainJson(text, maxDepth);
  if (plain !== undefined) return plain;
  const cursor: Cursor = { text, maxDepth, at: 0 };
  const value = parseValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < cursor.text.length) throw unexpected(cursor);
  return value;
}

function parseValue(cursor: Cursor, depth: number): JsonValue {
  skipSpace(cursor);
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === 0x22) return parseString(cursor);
  if (code === 0x7b || code === 0x5b) {
    if (depth >= cursor.maxDepth)
      throw new LayerlabError('LL_LIMIT', `JSON nests deeper than ${cursor.maxDepth} levels`);
    cursor.at++;
    return code === 0x7b ? parseObject(cursor, depth + 1) : parseList(cursor, depth + 1);
  }
  if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return parseNumber(cursor);
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (cursor.text.startsWith(word, cursor.at)) {
      cursor.at += word.length;
      return value;
    }
  }
  throw unexpected(cursor);
}

function parseObject(cursor: Cursor, depth: number): JsonObject {
  const members = new Map<string, JsonValue>();
  if (takes(cursor, '}')) return members;
  for (;;) {
    skipSpace(cursor);
    if (cursor.text.charAt(cursor.at) !== '"') throw unexpected(cursor);
    const key = parseString(cursor);
    if (!takes(cursor, ':')) throw unexpected(cursor);
    members.set(key, parseValue(cursor, depth));
    if (takes(cursor, '}')) return members;
    if (!takes(cursor, ',')) throw unexpected(cursor);
  }
}

function parseList(cursor: Cursor, depth: number): readonly JsonValue[] {
  const items: JsonValue[] = [];
  if (takes(cursor, ']')) return items;
  for (;;) {
    items.push(parseValue(cursor, depth));
    if (takes(cursor, ']')) return items;
    if (!takes(cursor, ',')) throw unexpected(cursor);
  }
}

function parseString(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at++;
  let escaped = false;
  for (; ; cursor.at++) {
    const code = text.charCodeAt(cursor.at);
    if (code === 0x22) break;
    // A control character, or NaN behind the end of the text.
    if (!(code >= 0x20)) throw unexpected(cursor);
    if (code === 0x5c) {
      escaped = true;
      cursor.at++;
    }
  }
  cursor.at++;
  const value = escaped ? decodeEscapes(text.slice(start, cursor.at), start) : text.slice(start + 1, cursor.at - 1);
  return value.toWellFormed();
}

function decodeEscapes(literal: string, offset: number): string {
  try {
    return String(JSON.parse(literal));
  } catch (cause) {
    throw new LayerlabError('LL_JSON', `invalid escape in the JSON text at offset ${offset}`, { cause });
  }
}

function parseNumber(cursor: Cursor): number | bigint {
  NUMBER.lastIndex = cursor.at;
  const match = NUMBER.exec(cursor.text);
  if (match === null) throw unexpected(cursor);
  const [literal, fraction, exponent] = match;
  if (literal.length > MAX_DIGITS)
    throw new LayerlabError('LL_LIMIT', 'a number in a JSON document has too many digits');
  cursor.at += literal.length;
  const value = Number(literal);
  if (fraction === undefined && exponent === undefined && !Number.isSafeInteger(value)) return BigInt(literal);
  if (!Number.isFinite(value)) throw new LayerlabError('LL_JSON', `the number ${literal} is out of range`);
  return value;
}

function takes(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text.charAt(cursor.at) !== character) return false;
  cursor.at++;
  return true;
}

function skipSpace(cursor: Cursor): void {
  for (; ; cursor.at++) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
  }
}

function unexpected(cursor: Cursor): LayerlabError {
  if (cursor.at >= cursor.text.length) return new LayerlabError('LL_JSON', 'unexpected end of JSON input');
  const character = JSON.stringify(String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0));
  return new LayerlabError('LL_JSON', `unexpected character ${character} at offset ${cursor.at} of a JSON document`);
}
