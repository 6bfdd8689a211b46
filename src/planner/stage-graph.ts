import { LayerlabError } from '../errors/layerlab-error.ts';
import { canonicalString, parseReference, withDefaultTag } from '../formats/reference.ts';
import { expandWord } from '../parser/expand-word.ts';
import type { Dockerfile, Stage } from '../parser/parse-dockerfile.ts';
import { locationOf } from '../parser/parse-error.ts';
import { didYouMean } from '../parser/suggest.ts';
import { type BuilderProfile, builderProfile } from '../profiles/builder-profile.ts';
import { atInstruction } from './plan-error.ts';
import type { PlanOptions } from './plan-options.ts';
import { checkPlatform } from './platforms.ts';
import { refusalOf } from './refuse-features.ts';
import type { CopySource, StageBase } from './step.ts';

/** A stage with its base resolved. */
export interface StageNode {
  readonly index: number;
  readonly stage: Stage;
  readonly base: StageBase;
  /** Why build refuses the FROM line, in a plan that keeps such stages. */
  readonly refused: LayerlabError | undefined;
}

/** Names and indices of the stages, as a builder looks them up. */
export interface StageGraph {
  readonly nodes: readonly StageNode[];
  /** The last stage of each name. */
  readonly names: ReadonlyMap<string, number>;
  readonly target: number;
  readonly profile: BuilderProfile;
}

/** How progress and errors call a stage. */
export function stageLabel(node: StageNode): string {
  return node.stage.name ?? `stage-${node.index}`;
}

/** Expands the FROM lines and finds the target. `foldCase`: a FROM finds a stage whatever its case (classic). */
export function buildStageGraph(
  dockerfile: Dockerfile,
  options: PlanOptions,
  globals: ReadonlyMap<string, string>,
  foldCase: boolean,
): StageGraph {
  if (dockerfile.stages.length === 0) {
    throw new LayerlabError('LL_PARSE', 'dockerfile contains no stages to build', {
      location: locationOf(dockerfile, { startLine: 1, endLine: 1, startColumn: 0, endColumn: 0 }),
    });
  }
  const target = findTarget(dockerfile.stages, options);
  // Classic does not look behind the target.
  const stages = foldCase ? dockerfile.stages.slice(0, target + 1) : dockerfile.stages;
  const names = new Map<string, number>();
  const nodes = stages.map((stage, index): StageNode => {
    const [base, refused] = atInstruction(dockerfile, stage.from.range, (): [StageBase, LayerlabError | undefined] => {
      if (foldCase && stage.name !== undefined && names.has(stage.name)) {
        throw new LayerlabError('LL_PARSE', `${stage.name} stage name already used`);
      }
      const { name, refused } = expandBase(stage, globals, dockerfile, options);
      const found = names.get(foldCase ? name.toLowerCase() : name);
      if (found !== undefined) return [{ kind: 'stage', index: found }, refused];
      if (name === 'scratch') return [{ kind: 'scratch' }, refused];
      return [{ kind: 'image', reference: name }, refused];
    });
    if (stage.name !== undefined) names.set(stage.name, index);
    return { index, stage, base, refused };
  });
  return { nodes, names, target, profile: builderProfile(options.builder, options.compat) };
}

function expandBase(
  stage: Stage,
  globals: ReadonlyMap<string, string>,
  dockerfile: Dockerfile,
  options: PlanOptions,
): { readonly name: string; readonly refused: LayerlabError | undefined } {
  const { from } = stage;
  const profile = builderProfile(options.builder, options.compat);
  const name = expandWord(from.base, globals, dockerfile.words).text;
  if (name === '') throw new LayerlabError('LL_PARSE', `base name (${from.base}) should not be blank`);
  if (from.platform === undefined) return { name, refused: undefined };
  const platform = expandWord(from.platform, globals, dockerfile.words);
  if (platform.text === '' && profile.emptyPlatformNamed) {
    const [unset = ''] = platform.unset;
    const hint = didYouMean(unset, [...globals.keys()]);
    throw new LayerlabError('LL_PARSE', `empty platform value from expression ${from.platform}${hint}`);
  }
  const shown = options.builder === 'buildkit' ? from.platform : platform.text;
  const refused = refusalOf(options.keepRefused, () => checkPlatform(platform.text, shown, options.platform, profile));
  return { name, refused };
}

function findTarget(stages: readonly Stage[], { target, builder, compat }: PlanOptions): number {
  if (target === undefined || target === '') return stages.length - 1;
  const wanted = target.toLowerCase();
  const named = stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const index =
    builder === 'buildkit'
      ? stages.findLastIndex(({ name }) => name === wanted)
      : stages.findIndex(({ name }) => name === wanted);
  if (index >= 0) return index;
  const { targetMissing, syntax } = builderProfile(builder, compat);
  const suggestion = syntax.suggestions ? didYouMean(target, named) : '';
  throw new LayerlabError('LL_PARSE', targetMissing.replace('{}', () => target) + suggestion, {
    hint: named.length === 0 ? 'No stage of this file has a name.' : `Stages with a name: ${named.join(', ')}.`,
  });
}

/** The image name as progress shows it. Throws LL_REFERENCE with the words of the BuildKit frontend. */
export function progressImageName(reference: string, profile: BuilderProfile): string {
  try {
    return canonicalString(withDefaultTag(parseReference(reference)));
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError(
      'LL_REFERENCE',
      `failed to parse stage name "${reference}": ${referenceProblem(error, profile)}`,
    );
  }
}

/** What is wrong with a reference, with the name in it only where the version shows that. */
function referenceProblem({ message }: LayerlabError, { referenceShown }: BuilderProfile): string {
  return referenceShown ? message : message.replace(/ \(.*\) must be lowercase$/, ' must be lowercase');
}

/** Checks the name of an image for the classic builder, which also takes ids. Throws LL_REFERENCE. */
export function checkImageName(reference: string, profile: BuilderProfile, prefix = ''): void {
  if (/^[0-9a-f]{64}$/.test(reference)) return;
  try {
    parseReference(reference);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError('LL_REFERENCE', prefix + referenceProblem(error, profile));
  }
}

const INTEGER = /^[-+]?\d+$/;

/** What BuildKit understands by `--from`: a stage by index or by its last definition, else an image. */
export function findSourceBuildkit(from: string, { nodes, names, profile }: StageGraph): CopySource {
  if (profile.fromVariablesNamed && expandWord(from, new Map()).unset.size > 0) {
    const workaround = 'define a new stage with FROM using ARG from global scope as a workaround';
    throw new LayerlabError('LL_PARSE', `variable expansion is not supported for --from, ${workaround}`);
  }
  if (INTEGER.test(from)) {
    const index = Number(from);
    if (index < 0 || index >= nodes.length) throw new LayerlabError('LL_PARSE', `invalid stage index ${index}`);
    return { kind: 'stage', index };
  }
  const index = names.get(from.toLowerCase());
  return index === undefined ? { kind: 'image', reference: from } : { kind: 'stage', index };
}

/** What the classic builder understands by `--from` in the stage `current`: only stages before it. */
export function findSourceClassic(from: string, { names, profile }: StageGraph, current: number): CopySource {
  const index = names.get(from.toLowerCase());
  if (index !== undefined && index < current) return { kind: 'stage', index };
  if (!INTEGER.test(from)) {
    checkImageName(from, profile, `invalid from flag value ${from}: `);
    return { kind: 'image', reference: from };
  }
  const number = Number(from);
  const problem =
    number === current ? 'refers to current build stage' : number < 0 || number > current ? 'index out of bounds' : '';
  if (problem !== '') throw new LayerlabError('LL_PARSE', `invalid from flag value ${from}: ${problem}`);
  return { kind: 'stage', index: number };
}
