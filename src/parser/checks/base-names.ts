import { LayerlabError } from '../../errors/layerlab-error.ts';
import { parseReference } from '../../formats/reference.ts';
import { expandWord } from '../expand-word.ts';
import type { FromInstruction } from '../instruction.ts';
import type { Dockerfile } from '../parse-dockerfile.ts';
import { locationOf } from '../parse-error.ts';
import type { CheckPlatform } from './check-input.ts';
import { checkConstPlatform } from './platform.ts';
import type { Reporter } from './report.ts';
import { RecordingMap, setVariable } from './variables.ts';

/** The arguments of the global scope: the platform's, then the ARGs above the first FROM. Throws LL_PARSE. */
export function globalScope(
  { metaArgs, directives }: Dockerfile,
  predefined: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): Map<string, string> {
  const values = new Map(predefined);
  const scope = { values, declared: new Set<string>() };
  for (const { args } of metaArgs) {
    for (const { key, value } of args) {
      const text = given.get(key) ?? (value === undefined ? undefined : expandWord(value, values, directives).text);
      if (text !== undefined) setVariable(scope, key, text);
    }
  }
  return values;
}

/** InvalidDefaultArgInFrom: every FROM has to name an image without any build argument. */
export function checkDefaultBases(
  dockerfile: Dockerfile,
  predefined: ReadonlyMap<string, string>,
  reporter: Reporter,
): void {
  const names: (readonly [FromInstruction, string])[] = [];
  try {
    const defaults = globalScope(dockerfile, predefined, new Map());
    for (const { from } of dockerfile.stages) {
      names.push([from, expandWord(from.base, defaults, dockerfile.directives).text]);
    }
  } catch (error) {
    // A word that cannot be expanded is an error of its own and is met again.
    if (!(error instanceof LayerlabError)) throw error;
  }
  for (const [from, name] of names) {
    if (isReference(name)) continue;
    const message = `Default value for ARG ${from.base} results in empty or invalid base image name`;
    reporter.report('InvalidDefaultArgInFrom', from.range, message, from.base);
  }
}

function isReference(name: string): boolean {
  try {
    parseReference(name);
    return true;
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    return false;
  }
}

/** What FROM says once its variables are known. */
export interface ExpandedFrom {
  readonly base: string;
  /** The text of `--platform`. */
  readonly platform: string | undefined;
}

/**
 * UndefinedArgInFrom, RedundantTargetPlatform and FromPlatformFlagConstDisallowed, and the expanded FROM. Throws LL_PARSE
 * where nothing is left of the base or the platform.
 */
export function checkFrom(
  dockerfile: Dockerfile,
  from: FromInstruction,
  globals: ReadonlyMap<string, string>,
  target: CheckPlatform,
  reporter: Reporter,
): ExpandedFrom {
  const { directives, metaArgs } = dockerfile;
  const known = new Set([...globals.keys(), ...metaArgs.flatMap(({ args }) => args.map(({ key }) => key))]);
  const location = locationOf(dockerfile, from.range);
  const reportUnset = (unset: ReadonlySet<string>): void => {
    for (const name of unset) {
      if (known.has(name)) continue;
      const near = reporter.suggest(name, known);
      const message = `FROM argument '${name}' is not declared${near === '' ? '' : ` (did you mean ${near}?)`}`;
      reporter.report('UndefinedArgInFrom', from.range, message, `$${name}`, name);
    }
  };
  const base = expandWord(from.base, globals, directives);
  reportUnset(base.unset);
  if (base.text === '') {
    throw new LayerlabError('LL_PARSE', `base name (${from.base}) should not be blank`, { location });
  }
  if (from.platform === undefined) return { base: base.text, platform: undefined };
  const values = new RecordingMap(globals);
  const platform = expandWord(from.platform, values, directives);
  reportUnset(platform.unset);
  if (values.matched.size === 0 && platform.unset.size === 0) {
    checkConstPlatform(from, platform.text, target, reporter);
  } else if (values.matched.size === 1 && values.matched.has(TARGET) && platform.unset.size === 0) {
    if (platform.text === globals.get(TARGET)) {
      const message = `Setting platform to predefined ${from.platform} in FROM is redundant as this is the default behavior`;
      reporter.report('RedundantTargetPlatform', from.range, message, from.platform);
    }
  }
  if (platform.text === '') {
    throw new LayerlabError('LL_PARSE', `empty platform value from expression ${from.platform}`, { location });
  }
  return { base: base.text, platform: platform.text };
}

const TARGET = 'TARGETPLATFORM';
