import { parse } from 'yaml';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { parseByteSize } from '../../formats/byte-size.ts';

/** The rules of a `.dive-ci` file; undefined: the rule is off. */
export interface DiveRules {
  readonly highestUserWastedPercent: number | undefined;
  readonly highestWastedBytes: number | undefined;
  readonly lowestEfficiency: number | undefined;
}

/** The limits as they were written, by name; `disabled`, `off`, `false` or nothing switches a rule off. */
export type DiveRuleTexts = Readonly<Partial<Record<keyof DiveRules, string>>>;

/** What dive checks where nobody says otherwise (wagoodman/dive README, CI integration). */
const DEFAULTS: Readonly<Record<keyof DiveRules, string>> = {
  highestUserWastedPercent: '0.1',
  highestWastedBytes: 'disabled',
  lowestEfficiency: '0.9',
};

export interface RuleOutcome {
  readonly name: keyof DiveRules;
  readonly status: 'pass' | 'fail' | 'skip';
  /** Why, for a rule that failed or was left out; empty for one that holds. */
  readonly message: string;
}

/** What the rules look at. */
export interface DiveFigures {
  readonly efficiency: number;
  readonly wastedBytes: number;
  readonly userWastedPercent: number;
}

/** The limits in the text of a `.dive-ci` file. Throws LL_USAGE where it is no YAML, or its rules are none. */
export function readDiveFile(text: string, name: string): DiveRuleTexts {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch (cause) {
    throw new LayerlabError('LL_USAGE', `${name} is not YAML`, { cause });
  }
  const rules = fieldOf(document, 'rules');
  if (rules === undefined || rules === null) return {};
  if (typeof rules !== 'object' || Array.isArray(rules)) {
    throw new LayerlabError('LL_USAGE', `the rules in ${name} are not a list of names and limits`);
  }
  const found: Partial<Record<keyof DiveRules, string>> = {};
  for (const [key, value] of Object.entries(rules)) {
    // dive has written them lowestEfficiency, lowest-efficiency and lowest-efficiency-threshold, in any case.
    const plain = key.toLowerCase().replace(/[-_]threshold$|[-_]/g, '');
    const rule = RULES.find((known) => known.toLowerCase() === plain);
    if (rule !== undefined && value !== null) found[rule] = String(value);
  }
  return found;
}

const RULES: readonly (keyof DiveRules)[] = ['highestUserWastedPercent', 'highestWastedBytes', 'lowestEfficiency'];

function fieldOf(document: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null) return undefined;
  return Object.entries(document).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Limits as numbers, dive's own where nothing is said. Throws LL_USAGE for a limit that cannot be one. */
export function parseDiveRules(texts: DiveRuleTexts): DiveRules {
  const textOf = (rule: keyof DiveRules): string => texts[rule] ?? DEFAULTS[rule];
  return {
    highestUserWastedPercent: ratio('highestUserWastedPercent', textOf('highestUserWastedPercent')),
    highestWastedBytes: bytes('highestWastedBytes', textOf('highestWastedBytes')),
    lowestEfficiency: ratio('lowestEfficiency', textOf('lowestEfficiency')),
  };
}

/** What dive takes for a rule that is off. */
function isOff(text: string): boolean {
  return ['', 'disabled', 'off', 'false'].includes(text.trim().toLowerCase());
}

function ratio(rule: string, text: string): number | undefined {
  if (isOff(text)) return undefined;
  const number = Number(text);
  if (number >= 0 && number <= 1) return number;
  throw new LayerlabError('LL_USAGE', `${rule} is ${JSON.stringify(text)}, not a number from 0 to 1`, {
    hint: 'Write 0.9 for 90 %, or disabled.',
  });
}

function bytes(rule: string, text: string): number | undefined {
  if (isOff(text)) return undefined;
  const number = parseByteSize(text);
  if (number !== undefined) return number;
  throw new LayerlabError('LL_USAGE', `${rule} is ${JSON.stringify(text)}, not a size`, {
    hint: 'Write 20MB, 4096 or disabled.',
  });
}

/** Where limits come from: those of a `.dive-ci` file (its name, its text) give way to those of the command line. */
export interface RuleSource {
  /** Undefined where there is no file. */
  readonly file: string | undefined;
  readonly text: string;
  readonly flags: DiveRuleTexts;
}

/** Tries the rules, in dive's order. Throws LL_USAGE for rules that cannot be read. */
export function tryDiveRules({ file, text, flags }: RuleSource, figures: DiveFigures): readonly RuleOutcome[] {
  const written = file === undefined ? {} : readDiveFile(text, file);
  const { highestUserWastedPercent, highestWastedBytes, lowestEfficiency } = parseDiveRules({ ...written, ...flags });
  const { efficiency, wastedBytes, userWastedPercent } = figures;
  return [
    outcome(
      'highestUserWastedPercent',
      highestUserWastedPercent,
      userWastedPercent <= (highestUserWastedPercent ?? 1),
      `too many bytes wasted, relative to the user bytes added (%-user-wasted-bytes=${userWastedPercent} > threshold=${highestUserWastedPercent})`,
    ),
    outcome(
      'highestWastedBytes',
      highestWastedBytes,
      wastedBytes <= (highestWastedBytes ?? Number.POSITIVE_INFINITY),
      `too many bytes wasted (wasted-bytes=${wastedBytes} > threshold=${highestWastedBytes})`,
    ),
    outcome(
      'lowestEfficiency',
      lowestEfficiency,
      efficiency >= (lowestEfficiency ?? 0),
      `image efficiency is too low (efficiency=${efficiency} < threshold=${lowestEfficiency})`,
    ),
  ];
}

function outcome(name: keyof DiveRules, limit: number | undefined, holds: boolean, message: string): RuleOutcome {
  if (limit === undefined) return { name, status: 'skip', message: 'rule disabled' };
  return holds ? { name, status: 'pass', message: '' } : { name, status: 'fail', message };
}
