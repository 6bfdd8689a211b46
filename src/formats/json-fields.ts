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
  const folded = new Map<string, JsonValue>();
  for (const [key, member] of value) folded.set(key.toLowerCase(), member);
  const get = (name: string): JsonValue => folded.get(name.toLowerCase()) ?? null;
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);

  const optionalText = (name: string): string | undefined => {
    const member = get(name);
    if (member === null) return undefined;
    if (typeof member !== 'string') throw wrongType(at(name), 'a string');
    return member;
  };
  const list = (name: string): readonly JsonValue[] | null => {
    const member = get(name);
    if (member === null) return null;
    if (!isList(member)) throw wrongType(at(name), 'a list');
    return member;
  };
  const object = (name: string): JsonObject | undefined => {
    const member = get(name);
    if (member === null) return undefined;
    if (!isObject(member)) throw wrongType(at(name), 'an object');
    return member;
  };
  const textOf = (member: JsonValue, where: string): string => {
    if (member === null) return '';
    if (typeof member !== 'string') throw wrongType(where, 'a string');
    return member;
  };

  return {
    optionalText,
    text: (name) => optionalText(name) ?? '',
    flag: (name) => {
      const member = get(name) ?? false;
      if (typeof member !== 'boolean') throw wrongType(at(name), 'true or false');
      return member;
    },
    integer: (name) => {
      const member = get(name);
      if (member === null) return undefined;
      if (typeof member === 'bigint' || Number.isInteger(member)) return BigInt.asIntN(64, BigInt(String(member)));
      throw wrongType(at(name), 'a whole number');
    },
    texts: (name) => list(name)?.map((member) => textOf(member, at(name))) ?? null,
    keys: (name) => {
      const members = object(name);
      return members === undefined ? null : new Set(members.keys());
    },
    textMap: (name) => {
      const members = object(name);
      if (members === undefined) return null;
      return new Map([...members].map(([key, member]) => [key, textOf(member, at(name))]));
    },
    object: (name) => {
      const member = object(name);
      return member === undefined ? undefined : jsonFields(member, at(name));
    },
    objects: (name) => (list(name) ?? []).map((member) => jsonFields(member ?? new Map(), at(name))),
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function wrongType(path: string, expected: string): LayerlabError {
  return new LayerlabError('LL_JSON', `the JSON field ${JSON.stringify(path)} must be ${expected}`);
}
