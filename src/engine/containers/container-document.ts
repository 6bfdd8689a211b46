import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type GoValue, goStruct, type JsonObject, type JsonValue, parseGoJson } from '../../formats/go-json.ts';
import { readSmallFile } from '../../store/read-small-file.ts';
import type { Store } from '../../store/store.ts';

const LIMIT = 16 << 20;

/** A JSON file of a container's folder. Throws LL_CORRUPT where it is missing or no object. */
export function containerFile(store: Store, id: string, name: string): JsonObject {
  const bytes = readSmallFile(`${store.paths.containers}/${id}/${name}`, LIMIT, store.files);
  let document: JsonValue;
  try {
    document = bytes === undefined ? null : parseGoJson(bytes);
  } catch (cause) {
    throw damaged(id, name, cause);
  }
  if (!(document instanceof Map)) throw damaged(id, name, undefined);
  return document;
}

function damaged(id: string, name: string, cause: unknown): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `${name} of container ${id} cannot be read`, { cause });
}

/** A member of an object; undefined where either is missing. */
export function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** A document to print again, keys in the order they were read in. */
export function asGoValue(value: JsonValue): GoValue {
  if (value instanceof Map) return goStruct([...value].map(([key, inner]) => [key, asGoValue(inner)] as const));
  return isList(value) ? value.map(asGoValue) : (value as GoValue);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
