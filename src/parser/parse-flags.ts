import { type DockerfileSyntax, syntax28 } from '../profiles/dockerfile-syntax.ts';
import { frontendWith, knowsFlag } from '../profiles/frontend-features.ts';
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
export function parseFlags(
  words: readonly string[],
  known: Readonly<Record<string, FlagType>>,
  syntax: DockerfileSyntax = syntax28,
): ParsedFlags {
  if (words.length === 0) return NO_FLAGS;
  const values = new Map<string, string[]>();
  const flags: InstructionFlag[] = [];
  for (const word of words) {
    if (word === '--') break;
    const equals = word.indexOf('=');
    const shown = equals < 0 ? word : word.slice(0, equals);
    const name = shown.slice(2);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const type = Object.hasOwn(known, name) && knowsFlag(syntax.features, name) ? known[name] : undefined;
    const problem = flagProblem(shown, syntax);
    if (!shown.startsWith('--')) throw problem('arg should start with -- ');
    if (type === undefined) throw unknownFlag(name, known, syntax, problem);
    if (values.has(name) && type !== 'strings') throw problem('duplicate flag specified');
    flags.push(Object.freeze({ name, value }));
    const list = values.get(name) ?? [];
    list.push(type === 'bool' ? boolValue(shown, value) : stringValue(value, problem));
    values.set(name, list);
  }
  return {
    flags: Object.freeze(flags),
    string: (name) => values.get(name)?.[0] ?? '',
    strings: (name) => values.get(name) ?? [],
    bool: (name) => (values.has(name) ? values.get(name)?.[0] === 'true' : undefined),
  };
}

/** Takes what is wrong, what is said behind the flag, and a hint. */
type FlagProblem = (what: string, behind?: string, hint?: string) => InstructionProblem;

function unknownFlag(
  name: string,
  all: Readonly<Record<string, FlagType>>,
  { features, suggestions }: DockerfileSyntax,
  problem: FlagProblem,
): InstructionProblem {
  const known = Object.keys(all).filter((flag) => knowsFlag(features, flag));
  const suggestion = suggestions ? didYouMean(name, known) : '';
  const frontend = suggestion === '' && Object.hasOwn(all, name) ? frontendWith(name) : undefined;
  const hint = frontend === undefined ? undefined : `BuildKit has it with a first line "# syntax=${frontend}".`;
  return problem('unknown flag', suggestion, hint);
}

/** An error about a flag, as the version words it. */
function flagProblem(shown: string, syntax: DockerfileSyntax): FlagProblem {
  return (what, behind = '', hint = undefined) => {
    const text = `${what}: ${shown}${behind}`;
    if (syntax.flagErrors === 'dashed') return new InstructionProblem(text, hint);
    const name = shown.replace(/^--/, '');
    return new InstructionProblem(`${what.charAt(0).toUpperCase()}${what.slice(1)}: ${name}${behind}`, hint);
  };
}

function stringValue(value: string | undefined, problem: FlagProblem): string {
  if (value === undefined) throw problem('missing a value on flag');
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
