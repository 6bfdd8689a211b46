import { LayerlabError } from '../errors/layerlab-error.ts';
import type { JsonObject, JsonValue } from './go-json-parse.ts';

/**
 * Typed access to the fields of a JSON object as Go's decoder gives it: names match in any letter case, `null` leaves the zero
 * value, another type than the field's is an error (LL_JSON).
 */
export interface JsonFields {
  text(name: string): string;
  flag(name: string): boolean;
  /** Undefined where absent or null. */
  integer(name: string): bigint | undefined;
  /** Null where absent or null. */
  texts(name: string): readonly string[] | null;
  /** The keys of an object, whatever its values. */
  keys(name: string): ReadonlySet<string> | null;
  textMap(name: string): ReadonlyMap<string, string> | null;
  object(name: string): JsonFields | undefined;
  objects(name: string): readonly JsonFields[];
  /** Undefined where absent or null. */
  optionalText(name: string): string | undefined;
}

/** Wraps a parsed document for reading fields. `path` shows in errors. Throws LL_JSON where it is no object. */
export function jsonFields(value: JsonValue, path: string): JsonFields {
  if (!isObject(value)) throw wrongType(path, 'an object');
  return new Fields(folded(value), path);
}

/** With keys in lower case, the last of two that are then equal counting. Most objects have no others. */
function folded(members: JsonObject): JsonObject {
  for (const key of members.keys()) {
    if (key !== key.toLowerCase()) return new Map([...members].map(([name, member]) => [name.toLowerCase(), member]));
  }
  return members;
}

/** A class, because a listing makes thousands of these: closures for each took longer than the parser. */
class Fields implements JsonFields {
  readonly #members: JsonObject;
  readonly #path: string;

  constructor(members: JsonObject, path: string) {
    this.#members = members;
    this.#path = path;
  }

  text(name: string): string {
    return this.optionalText(name) ?? '';
  }

  flag(name: string): boolean {
    const member = this.#get(name) ?? false;
    if (typeof member !== 'boolean') throw this.#wrong(name, 'true or false');
    return member;
  }

  integer(name: string): bigint | undefined {
    const member = this.#get(name);
    if (member === null) return undefined;
    if (typeof member === 'bigint' || Number.isInteger(member)) return BigInt.asIntN(64, BigInt(String(member)));
    throw this.#wrong(name, 'a whole number');
  }

  texts(name: string): readonly string[] | null {
    return this.#list(name)?.map((member) => this.#textOf(member, name)) ?? null;
  }

  keys(name: string): ReadonlySet<string> | null {
    const members = this.#object(name);
    return members === undefined ? null : new Set(members.keys());
  }

  textMap(name: string): ReadonlyMap<string, string> | null {
    const members = this.#object(name);
    if (members === undefined) return null;
    const texts = new Map<string, string>();
    for (const [key, member] of members) texts.set(key, this.#textOf(member, name));
    return texts;
  }

  object(name: string): JsonFields | undefined {
    const member = this.#object(name);
    return member === undefined ? undefined : jsonFields(member, this.#at(name));
  }

  objects(name: string): readonly JsonFields[] {
    const path = this.#at(name);
    return (this.#list(name) ?? []).map((member) => jsonFields(member ?? NONE, path));
  }

  optionalText(name: string): string | undefined {
    const member = this.#get(name);
    if (member === null) return undefined;
    if (typeof member !== 'string') throw this.#wrong(name, 'a string');
    return member;
  }

  #get(name: string): JsonValue {
    return this.#members.get(name.toLowerCase()) ?? null;
  }

  #list(name: string): readonly JsonValue[] | null {
    const member = this.#get(name);
    if (member !== null && !isList(member)) throw this.#wrong(name, 'a list');
    return member;
  }

  #object(name: string): JsonObject | undefined {
    const member = this.#get(name);
    if (member !== null && !isObject(member)) throw this.#wrong(name, 'an object');
    return member ?? undefined;
  }

  #textOf(member: JsonValue, name: string): string {
    if (member === null) return '';
    if (typeof member !== 'string') throw this.#wrong(name, 'a string');
    return member;
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, expected: string): LayerlabError {
    return wrongType(this.#at(name), expected);
  }
}

const NONE: JsonObject = new Map();

function isObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function wrongType(path: string, expected: string): LayerlabError {
  return new LayerlabError('LL_JSON', `the JSON field ${JSON.stringify(path)} must be ${expected}`);
}
