import { goQuote, goQuoteRune } from '../../formats/go-quote.ts';
import {
  isFloat,
  isList,
  isMap,
  JsonNumber,
  sortedEntries,
  TemplateStruct,
  TemplateTime,
  type TemplateValue,
  typeNameOf,
} from './value.ts';

/** A value as an action prints it, and Go's verb %v. */
export function printValue(value: TemplateValue): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (isList(value)) return `[${value.map(printInner).join(' ')}]`;
  if (isMap(value)) {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${printInner(item)}`)
      .join(' ')}]`;
  }
  if (value instanceof TemplateStruct) return `{${value.fields.map((field) => printInner(field.value)).join(' ')}}`;
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof TemplateTime) return value.toString();
  if (typeof value === 'number' && isFloat(value)) return printFloat(value);
  return String(value);
}

function printInner(value: TemplateValue): string {
  return value === undefined ? '<nil>' : printValue(value);
}

// Go's %v of a float64: the shortest digits, with an exponent of at least two digits from 1e21 on and below 1e-4.
function printFloat(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Go's fmt.Sprint: a space between two operands of which neither is a string. */
export function sprint(values: readonly TemplateValue[]): string {
  let out = '';
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string') out += ' ';
    out += printInner(value);
  }
  return out;
}

const VERB = /%([-+# 0]*)(\d*|\*)(?:\.(\d*))?([a-zA-Z%]|$)/g;

/** Go's fmt.Sprintf with the verbs that make sense on these values: v s q d x X o b c U t f e g and %%. */
export function sprintf(format: string, values: readonly TemplateValue[]): string {
  let used = 0;
  const text = format.replace(
    VERB,
    (_whole, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (verb === '') return '%!(NOVERB)';
      const size = width === '*' ? Number(values[used++] ?? 0) : Number(width || 0);
      if (used >= values.length) return `%!${verb}(MISSING)`;
      const value = values[used++];
      const digits = precision === undefined ? undefined : Number(precision || 0);
      return padTo(formatVerb(verb, flags, digits, value), flags, Math.min(size, 1000), isNumber(value));
    },
  );
  const extra = values.slice(used).map((value) => `${typeNameOf(value)}=${printInner(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(verb: string, flags: string, precision: number | undefined, value: TemplateValue): string {
  if (verb === 'v') return printInner(value);
  if (verb === 'T') return typeNameOf(value);
  if (isList(value)) return `[${value.map((item) => formatVerb(verb, flags, precision, item)).join(' ')}]`;
  const formatted = isNumber(value)
    ? formatNumber(verb, flags, precision, value)
    : formatText(
        verb,
        precision,
        value instanceof JsonNumber || value instanceof TemplateTime ? printValue(value) : value,
      );
  return formatted ?? `%!${verb}(${typeNameOf(value)}=${printInner(value)})`;
}

function formatText(verb: string, precision: number | undefined, value: TemplateValue): string | undefined {
  if (typeof value === 'boolean') return verb === 't' ? String(value) : undefined;
  if (verb === 's' && typeof value !== 'string' && value !== null && value !== undefined) return printValue(value);
  if (typeof value !== 'string') return undefined;
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return goQuote(cut);
  if (verb === 'x') return Buffer.from(cut).toString('hex');
  return verb === 'X' ? Buffer.from(cut).toString('hex').toUpperCase() : undefined;
}

function formatNumber(
  verb: string,
  flags: string,
  precision: number | undefined,
  value: number | bigint,
): string | undefined {
  const sign = flags.includes('+') && value >= 0 ? '+' : '';
  if (isFloat(value)) {
    const places = Math.min(precision ?? 6, 100);
    if (verb === 'f' || verb === 'F') return sign + Number(value).toFixed(places);
    if (verb === 'e')
      return (
        sign +
        Number(value)
          .toExponential(places)
          .replace(/e([+-])(\d)$/, 'e$10$2')
      );
    return verb === 'g' ? sign + printFloat(Number(value)) : undefined;
  }
  const bases: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const base = bases[verb];
  if (base !== undefined) return sign + (verb === 'X' ? value.toString(base).toUpperCase() : value.toString(base));
  if (verb === 'q') return goQuoteRune(Number(value));
  if (verb === 'c') return Number(value) <= 0x10ffff && value >= 0 ? String.fromCodePoint(Number(value)) : '\ufffd';
  return verb === 'U' ? `U+${value.toString(16).toUpperCase().padStart(4, '0')}` : undefined;
}

function padTo(text: string, flags: string, width: number, numeric: boolean): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !numeric) return ' '.repeat(missing) + text;
  const signed = /^[+-]/.test(text);
  return (signed ? text.charAt(0) : '') + '0'.repeat(missing) + (signed ? text.slice(1) : text);
}

function isNumber(value: TemplateValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
