import { encodeGoJson, type GoStruct, type GoValue } from '../../formats/go-json.ts';

/** One field of a struct that templates can name. */
export interface TemplateField {
  readonly name: string;
  readonly value: TemplateValue;
  /** Left out of JSON when empty. */
  readonly omitEmpty?: boolean;
  /** Go's embedded struct: its fields count as the outer one's, but it prints as a struct of its own. */
  readonly embedded?: boolean;
}

/** A Go struct: fields in order, printed `{a b}`; a field it does not have is an error, not `<no value>`. */
export class TemplateStruct {
  readonly typeName: string;
  readonly fields: readonly TemplateField[];
  /** Gives the JSON that the type writes of itself, where it has a MarshalJSON. */
  readonly json: (() => string) | undefined;

  constructor(typeName: string, fields: readonly TemplateField[], json?: () => string) {
    this.typeName = typeName;
    this.fields = fields;
    this.json = json;
  }

  /** The value of a field, of embedded structs too; undefined (no such field) apart from a field that holds undefined. */
  field(name: string): { readonly value: TemplateValue } | undefined {
    for (const field of this.fields) {
      if (field.name === name) return field;
      if (field.embedded === true && field.value instanceof TemplateStruct) {
        const inner = field.value.field(name);
        if (inner !== undefined) return inner;
      }
    }
    return undefined;
  }
}

/** A number that is still its JSON text, as Go's decoder keeps it on demand: of kind string for every function. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A time: prints as Go's time.Time does, is RFC 3339 in JSON. */
export class TemplateTime {
  readonly rfc3339: string;

  constructor(rfc3339: string) {
    this.rfc3339 = rfc3339;
  }

  toString(): string {
    const match = /^(\d{4}-\d\d-\d\d)T([\d:.]+)(Z|([+-]\d\d):(\d\d))$/.exec(this.rfc3339);
    if (match === null) return this.rfc3339;
    const [, date, clock, zone, hours, minutes] = match;
    return `${date} ${clock} ${zone === 'Z' ? '+0000 UTC' : `${hours}${minutes} ${hours}${minutes}`}`;
  }
}

/** What a template works on. `undefined` is Go's invalid value (`<no value>`), `null` a nil pointer. */
export type TemplateValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>
  | TemplateStruct
  | JsonNumber
  | TemplateTime;

/** Go's nil slice and nil map: empty to every function, `null` in JSON. */
export const NIL_LIST: readonly TemplateValue[] = [];
export const NIL_MAP: ReadonlyMap<string, TemplateValue> = new Map();

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isMap(value: TemplateValue): value is ReadonlyMap<string, TemplateValue> {
  return value instanceof Map;
}

/** Go's name of a value's type, for messages. */
export function typeNameOf(value: TemplateValue): string {
  if (value === undefined || value === null) return 'interface {}';
  if (value instanceof TemplateStruct) return value.typeName;
  if (value instanceof JsonNumber) return 'json.Number';
  if (value instanceof TemplateTime) return 'time.Time';
  if (isMap(value)) return 'map[string]interface {}';
  if (isList(value)) return value.every((item) => typeof item === 'string') ? '[]string' : '[]interface {}';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return isFloat(value) ? 'float64' : 'int';
}

export function isFloat(value: number | bigint): boolean {
  return typeof value === 'number' && !Number.isInteger(value);
}

/** What `if`, `and`, `not` take for true (text/template IsTrue). */
export function isTrue(value: TemplateValue): boolean {
  if (value === undefined || value === null) return false;
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  if (value instanceof JsonNumber) return value.text !== '';
  if (typeof value === 'object') return true;
  return value !== '' && value !== false && value !== 0 && value !== 0n;
}

/** Keys of a map in the order Go prints and walks them: by byte. */
export function sortedEntries(map: ReadonlyMap<string, TemplateValue>): readonly (readonly [string, TemplateValue])[] {
  return [...map].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Compact JSON of a value without HTML escapes, as docker's template function `json` prints it. */
export function templateJson(value: TemplateValue): string {
  if (value === undefined || value === null || value === NIL_LIST || value === NIL_MAP) return 'null';
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof TemplateTime) return encodeGoJson(value.rfc3339);
  if (value instanceof TemplateStruct) return value.json?.() ?? `{${structMembers(value).join(',')}}`;
  if (isList(value)) return `[${value.map(templateJson).join(',')}]`;
  if (isMap(value))
    return `{${sortedEntries(value)
      .map(([key, item]) => member(key, item))
      .join(',')}}`;
  return encodeGoJson(value, { escapeHtml: false });
}

function structMembers(struct: TemplateStruct): readonly string[] {
  return struct.fields.flatMap((field) => {
    if (field.embedded === true && field.value instanceof TemplateStruct) return structMembers(field.value);
    const empty = !isTrue(field.value) && !(field.value instanceof TemplateStruct);
    return field.omitEmpty === true && empty ? [] : [member(field.name, field.value)];
  });
}

function member(key: string, value: TemplateValue): string {
  return `${encodeGoJson(key, { escapeHtml: false })}:${templateJson(value)}`;
}

/** A JSON value as a template sees it: an object is a map, or with `typed` a struct. */
export function fromGoJson(value: GoValue, numbers: 'number' | 'text'): TemplateValue {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return numbers === 'text' ? new JsonNumber(String(value)) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: GoValue) => fromGoJson(item, numbers));
  if (value instanceof Map) return mapOf([...value], numbers);
  const present = (value as GoStruct).fields.flatMap(([key, item]) =>
    item === undefined ? [] : [[key, item] as const],
  );
  return mapOf(present, numbers);
}

function mapOf(entries: readonly (readonly [string, GoValue])[], numbers: 'number' | 'text'): TemplateValue {
  return new Map(entries.map(([key, item]) => [key, fromGoJson(item, numbers)]));
}
