import { compareValues, equalValues } from './compare.ts';
import { printValue, sprint, sprintf } from './print.ts';
import { isList, isMap, isTrue, JsonNumber, type TemplateValue, templateJson } from './value.ts';

/** What a function takes at a place: a text, a whole number, a list of texts, or anything. */
export type Parameter = 'string' | 'int' | 'texts' | 'any';

/** A function that templates can call. Throws Error, whose message becomes `error calling NAME: ...`. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** More of the last parameter's kind may follow it. */
  readonly variadic?: true;
  call(...values: readonly TemplateValue[]): TemplateValue;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

const text = (value: TemplateValue): string => (value instanceof JsonNumber ? value.text : String(value));

function textFunction(change: (value: string) => string): TemplateFunction {
  return { parameters: ['string'], call: (value) => change(text(value)) };
}

/** `index` and `slice` of text/template funcs.go. */
function indexValue(collection: TemplateValue, key: TemplateValue): TemplateValue {
  if (isMap(collection)) {
    if (typeof key !== 'string') throw new Error('value has type int; should be string');
    // A map of texts has its zero value for a key that is not there.
    return collection.has(key) ? collection.get(key) : '';
  }
  if (collection === undefined || collection === null) throw new Error('index of untyped nil');
  if (typeof collection !== 'string' && !isList(collection)) throw new Error("can't index item of type int");
  if (typeof key !== 'number') throw new Error('cannot index slice/array with type string');
  const bytes = typeof collection === 'string' ? Buffer.from(collection) : collection;
  if (key < 0 || key >= bytes.length) throw new Error(`index out of range: ${key}`);
  return bytes[key];
}

function sliceValue(collection: TemplateValue, ...bounds: readonly TemplateValue[]): TemplateValue {
  if (typeof collection !== 'string' && !isList(collection)) throw new Error("can't slice item of this type");
  const bytes = typeof collection === 'string' ? Buffer.from(collection) : collection;
  const [from = 0, to = bytes.length] = bounds.map(Number);
  if (from < 0 || from > bytes.length) throw new Error(`index out of range: ${from}`);
  if (to < 0 || to > bytes.length) throw new Error(`index out of range: ${to}`);
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return Buffer.isBuffer(bytes)
    ? bytes.subarray(from, to).toString()
    : (bytes as readonly TemplateValue[]).slice(from, to);
}

function lengthOf(value: TemplateValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw new Error(value === undefined || value === null ? 'len of nil pointer' : 'len of type int');
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

const comparison = (test: (order: number) => boolean): TemplateFunction => ({
  parameters: ['any', 'any'],
  call: (a, b) => test(compareValues(a, b)),
});

/** Go's own functions and docker's (docker/cli templates/templates.go). `and` and `or` stop early: see execute.ts. */
export const basicFunctions: FunctionTable = {
  and: {
    parameters: ['any'],
    variadic: true,
    call: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  },
  or: { parameters: ['any'], variadic: true, call: (...values) => values.find(isTrue) ?? values.at(-1) },
  not: { parameters: ['any'], call: (value) => !isTrue(value) },
  eq: {
    parameters: ['any', 'any'],
    variadic: true,
    call: (first, ...others) => others.some((other) => equalValues(first, other)),
  },
  ne: { parameters: ['any', 'any'], call: (a, b) => !equalValues(a, b) },
  lt: comparison((order) => order < 0),
  le: comparison((order) => order <= 0),
  gt: comparison((order) => order > 0),
  ge: comparison((order) => order >= 0),
  len: { parameters: ['any'], call: lengthOf },
  index: { parameters: ['any', 'any'], variadic: true, call: (value, ...keys) => keys.reduce(indexValue, value) },
  slice: { parameters: ['any', 'int'], variadic: true, call: sliceValue },
  print: { parameters: ['any'], variadic: true, call: (...values) => sprint(values) },
  println: { parameters: ['any'], variadic: true, call: (...values) => `${values.map(printValue).join(' ')}\n` },
  printf: { parameters: ['string', 'any'], variadic: true, call: (format, ...values) => sprintf(text(format), values) },
  html: {
    parameters: ['any'],
    variadic: true,
    call: (...values) => sprint(values).replace(/[&<>"']/g, (character) => HTML[character] ?? character),
  },
  js: {
    parameters: ['any'],
    variadic: true,
    call: (...values) => sprint(values).replace(/[\\'"<>&=]/g, (character) => JS[character] ?? character),
  },
  urlquery: {
    parameters: ['any'],
    variadic: true,
    call: (...values) => new URLSearchParams([['', sprint(values)]]).toString().slice(1),
  },
  json: { parameters: ['any'], call: templateJson },
  split: { parameters: ['string', 'string'], call: (value, separator) => text(value).split(text(separator)) },
  join: {
    parameters: ['texts', 'string'],
    call: (values, separator) => (isList(values) ? values.map(text).join(text(separator)) : ''),
  },
  lower: textFunction((value) => value.toLowerCase()),
  upper: textFunction((value) => value.toUpperCase()),
  title: textFunction((value) => value.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase())),
  pad: {
    parameters: ['string', 'int', 'int'],
    call: (value, before, after) =>
      value === '' ? '' : ' '.repeat(spaces(before)) + text(value) + ' '.repeat(spaces(after)),
  },
  truncate: {
    parameters: ['string', 'int'],
    call: (value, length) => Buffer.from(text(value)).subarray(0, Number(length)).toString(),
  },
};

function spaces(count: TemplateValue): number {
  const number = Number(count);
  if (!(number >= 0 && number <= 10_000)) throw new Error('strings: negative Repeat count');
  return number;
}

const keep = (parameters: readonly Parameter[]): TemplateFunction => ({ parameters, call: (value) => value });

/** What stands in for them when the head of a table is made: the names of the columns stay as they are. */
export const headerFunctions: FunctionTable = {
  ...basicFunctions,
  json: keep(['string']),
  split: keep(['string', 'string']),
  join: keep(['string', 'string']),
  title: keep(['string']),
  lower: keep(['string']),
  upper: keep(['string']),
  truncate: keep(['string', 'int']),
};
