import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { FromInstruction, Instruction } from '../instruction.ts';
import { type Dockerfile, parseTrigger, type Stage } from '../parse-dockerfile.ts';
import { locationOf } from '../parse-error.ts';
import { checkDefaultBases, checkFrom, type ExpandedFrom, globalScope } from './base-names.ts';
import { checkCasing } from './casing.ts';
import type { CheckBase, CheckInput } from './check-input.ts';
import { type CheckOptions, parseCheckOptions } from './check-options.ts';
import { checkDescription } from './descriptions.ts';
import { checkBasePlatform, parsePlatform } from './platform.ts';
import { reachableStages } from './reachable-stages.ts';
import { type CheckFinding, FindingList, type Reporter } from './report.ts';
import { checkFromWords, checkStageNames } from './stage-names.ts';
import { type StageState, StageWalk } from './stage-walk.ts';
import { VariableCopier } from './variables.ts';

/** What the checks of a Dockerfile gave. */
export interface CheckResult {
  /** In the order of the file. */
  readonly findings: readonly CheckFinding[];
  /** What ended the checks early, or makes the findings an error. */
  readonly error: LayerlabError | undefined;
}

/**
 * Runs docker's build checks. Throws LL_PARSE for options that are none; everything else that is wrong with the file
 * comes back as `error`, beside what was found before.
 */
export function checkDockerfile(dockerfile: Dockerfile, input: CheckInput): CheckResult {
  const options = readOptions(dockerfile, input);
  const list = new FindingList(dockerfile.source, options, dockerfile.comments);
  let error: LayerlabError | undefined;
  try {
    checkText(dockerfile, list);
    checkDefaultBases(dockerfile, input.predefined, list);
    checkStages(dockerfile, input, list);
  } catch (thrown) {
    if (!(thrown instanceof LayerlabError)) throw thrown;
    error = thrown;
  }
  const findings = [...list.findings].sort((a, b) => a.range.startLine - b.range.startLine);
  if (error === undefined && options.error && findings.length > 0) error = violation(findings);
  return { findings, error };
}

/** The build argument goes before the directive, whose value ends at its first space: docker reads no further there. */
function readOptions(dockerfile: Dockerfile, { buildArgs }: CheckInput): CheckOptions {
  const argument = buildArgs.get('BUILDKIT_DOCKERFILE_CHECK');
  const [text, what] =
    argument === undefined
      ? [dockerfile.directives.check?.split(' ', 1)[0] ?? '', 'check options']
      : [argument, 'build-arg:BUILDKIT_DOCKERFILE_CHECK'];
  try {
    return parseCheckOptions(text);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    const line = dockerfile.source.split('\n').findIndex((row) => /^\s*#\s*check\s*=/i.test(row)) + 1;
    const range = { startLine: line, endLine: line, startColumn: 0, endColumn: 0 };
    throw new LayerlabError('LL_PARSE', `failed to parse ${what}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(argument === undefined && line > 0 ? { location: locationOf(dockerfile, range) } : {}),
    });
  }
}

function violation(findings: readonly CheckFinding[]): LayerlabError {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return new LayerlabError('LL_CHECK', `lint violation found for rules: ${rules.join(', ')}`, {
    hint: 'The Dockerfile asks for this by check=error=true.',
  });
}

/** The rules that need nothing but the instructions as written. */
function checkText(dockerfile: Dockerfile, reporter: Reporter): void {
  for (const line of dockerfile.emptyContinuations) {
    const range = { startLine: line, endLine: line, startColumn: 0, endColumn: 0 };
    reporter.report('NoEmptyContinuation', range, 'Empty continuation line');
  }
  const describe = (instruction: Instruction): void => {
    if (instruction.kind !== 'FROM' && instruction.kind !== 'ARG') return;
    checkDescription(instruction, dockerfile.comments.get(instruction.range.startLine) ?? [], reporter);
  };
  for (const arg of dockerfile.metaArgs) describe(arg);
  for (const { from, instructions } of dockerfile.stages) {
    checkFromWords(from, reporter);
    describe(from);
    for (const instruction of instructions) {
      describe(instruction);
      if (instruction.kind !== 'MAINTAINER') continue;
      const message = 'Maintainer instruction is deprecated in favor of using label';
      reporter.report('MaintainerDeprecated', instruction.range, message, instruction.keyword);
    }
  }
  checkStageNames(dockerfile, reporter);
  checkCasing(dockerfile, reporter);
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The rules that need variables and base images. */
function checkStages(dockerfile: Dockerfile, input: CheckInput, reporter: Reporter): void {
  if (dockerfile.stages.length === 0) {
    const range = { startLine: 1, endLine: 1, startColumn: 0, endColumn: 0 };
    const location = locationOf(dockerfile, range);
    throw new LayerlabError('LL_PARSE', 'dockerfile contains no stages to build', { location });
  }
  const globals = globalScope(dockerfile, input.predefined, input.buildArgs);
  const names = new Map<string, number>();
  const froms: ExpandedFrom[] = [];
  const bases = dockerfile.stages.map(({ from, name }, index) => {
    const expanded = atFrom(dockerfile, from, () => checkFrom(dockerfile, from, globals, input.platform, reporter));
    froms.push(expanded);
    const base = names.get(expanded.base);
    if (name !== undefined) names.set(name, index);
    return base;
  });
  const reachable = reachableStages(dockerfile, input.target, bases, input.reachedOnly === true);
  const fault = input.fault?.();
  if (fault !== undefined && fault.at === undefined) throw fault.error;
  const refuse = (instruction: Instruction): void => {
    if (fault?.at === instruction) throw fault.error;
  };
  const copier = new VariableCopier();
  const states = new Map<number, StageState>();
  for (const [index, stage] of dockerfile.stages.entries()) {
    if (!reachable.has(index)) continue;
    const below = bases[index];
    const image =
      below === undefined
        ? atFrom(dockerfile, stage.from, () => imageOf(stage, froms[index], input, reporter))
        : undefined;
    refuse(stage.from);
    const start = (below === undefined ? undefined : states.get(below)) ?? firstState(image);
    const walk = new StageWalk(
      dockerfile,
      input,
      globals,
      { ...start, variables: copier.copy(start.variables) },
      reporter,
    );
    const triggers = below === undefined ? (image?.triggers ?? []) : triggersOf(dockerfile.stages[below]);
    for (const trigger of triggers) {
      walk.check(
        atFrom(dockerfile, stage.from, () => ({
          ...parseTrigger(trigger, dockerfile.syntax),
          range: stage.from.range,
        })),
      );
    }
    for (const instruction of stage.instructions) {
      walk.check(instruction);
      refuse(instruction);
    }
    states.set(index, walk.state);
  }
}

function atFrom<T>(dockerfile: Dockerfile, from: FromInstruction, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw error.at(locationOf(dockerfile, from.range));
  }
}

const SCRATCH: CheckBase = {
  platform: undefined,
  env: new Map([['PATH', PATH]]),
  hasShell: false,
  triggers: [],
};

function imageOf(
  { from }: Stage,
  expanded: ExpandedFrom | undefined,
  input: CheckInput,
  reporter: Reporter,
): CheckBase | undefined {
  if (expanded === undefined || expanded.base === 'scratch') return SCRATCH;
  const image = input.base(expanded.base);
  if (image?.platform === undefined) return image;
  const { platform } = expanded;
  const expected = platform === undefined ? input.platform : parsePlatform(platform, input.platform);
  if (expected !== undefined) checkBasePlatform(from, expanded.base, expected, image.platform, reporter);
  return image;
}

function firstState(image: CheckBase | undefined): StageState {
  return {
    variables: { values: new Map([['PATH', PATH], ...(image?.env ?? [])]), declared: new Set() },
    complete: image !== undefined,
    hasShell: image?.hasShell ?? false,
    hasWorkdir: false,
  };
}

function triggersOf(stage: Stage | undefined): readonly string[] {
  return (stage?.instructions ?? []).flatMap((one) => (one.kind === 'ONBUILD' ? [one.expression] : []));
}
