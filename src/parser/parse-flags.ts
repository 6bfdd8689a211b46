import type { InstructionFlag } from './instruction.ts';
import { InstructionProblem } from './parse-error.ts';
import { didYouMean } from './suggest.ts';

export type FlagType = 'bool' | 'string' | 'strings';

/** The values of an instruction's flags by name. */
export interface ParsedFlags {
  readonly flags: readonly InstructionFlag[];
  string(name: string): string;
  strings(name: string): readonly string[];
  /** Undefined where the flag is not given. */
  bool(name: string): boolean | undefined;
}

const NO_FLAGS: ParsedFlags = Object.freeze({
  flags: Object.freeze([]),
  string: () => '',
  strings: () => [],
  bool: () => undefined,
});

/**
 * Checks flag words against what an instruction knows (buildkit instructions/bflag.go). Throws InstructionProblem in
 * docker's words.
 */
export function parseFlags(words: readonly string[], known: Readonly<Record<string, FlagType>>): ParsedFlags {
  if (words.length === 0) return NO_FLAGS;
  const values = new Map<string, string[]>();
  const flags: InstructionFlag[] = [];
  for (const word of words) {
    if (word === '--') break;
    const equals = word.indexOf('=');
    const shown = equals < 0 ? word : word.slice(0, equals);
    const name = shown.slice(2);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!shown.startsWith('--')) throw new InstructionProblem(`arg should start with -- : ${shown}`);
    if (type === undefined) {
      throw new InstructionProblem(`unknown flag: ${shown}${didYouMean(name, Object.keys(known))}`);
    }
    if (values.has(name) && type !== 'strings') throw new InstructionProblem(`duplicate flag specified: ${shown}`);
    flags.push(Object.freeze({ name, value }));
    const list = values.get(name) ?? [];
    list.push(type === 'bool' ? boolValue(shown, value) : stringValue(shown, value));
    values.set(name, list);
  }
  return {
    flags: Object.freeze(flags),
    string: (name) => values.get(name)?.[0] ?? '',
    strings: (name) => values.get(name) ?? [],
    bool: (name) => (values.has(name) ? values.get(name)?.[0] === 'true' : undefined),
  };
}

function stringValue(shown: string, value: string | undefined): string {
  if (value === undefined) throw new InstructionProblem(`missing a value on flag: ${shown}`);
  return value;
}

function boolValue(shown: string, value: string | undefined): string {
  if (value === undefined) return 'true';
  if (value === '') throw new InstructionProblem(`missing a value on flag: ${shown}`);
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') {
    throw new InstructionProblem(`expecting boolean value for flag ${shown}, not: ${value}`);
  }
  return lower;
}
