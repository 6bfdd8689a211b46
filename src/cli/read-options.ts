import { LayerlabError } from '../errors/layerlab-error.ts';
import type { OptionSpec, OptionTable, OptionValues } from './command.ts';

/** Flags as the argument parser hands them over. */
export type RawValues = Readonly<Record<string, unknown>>;

/** The flags of a table with their types. A single-valued flag given twice counts as last given. Throws LL_USAGE. */
export function readOptions<T extends OptionTable>(table: T, values: RawValues): OptionValues<T> {
  const read = Object.entries(table).map(([name, spec]) => [name, readOption(name, spec, values[name])] as const);
  return Object.fromEntries(read) as OptionValues<T>;
}

function readOption(name: string, spec: OptionSpec, value: unknown): boolean | string | undefined | readonly string[] {
  if (spec.type === 'list') return Array.isArray(value) ? value.map(String) : [];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (spec.type === 'boolean') return last === undefined ? spec.on === true : last === true;
  if (last === undefined) return undefined;
  const text = String(last);
  if (spec.choices !== undefined && !spec.choices.includes(text)) {
    throw new LayerlabError(
      'LL_USAGE',
      `invalid value ${JSON.stringify(text)} for --${name}: valid values are: ${spec.choices.join(', ')}`,
    );
  }
  return text;
}
