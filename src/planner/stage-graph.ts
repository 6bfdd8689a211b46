import { LayerlabError } from '../errors/layerlab-error.ts';
import { canonicalString, parseReference, withDefaultTag } from '../formats/reference.ts';
import { type ExpandedWord, expandWord, type WordRules } from '../parser/expand-word.ts';
import type { Dockerfile, Stage } from '../parser/parse-dockerfile.ts';
import { locationOf } from '../parser/parse-error.ts';
import { didYouMean } from '../parser/suggest.ts';
import { words28 } from '../profiles/build-words.ts';
import { type BuilderProfile, builderProfile } from '../profiles/builder-profile.ts';
import { findContext, type PlannedContext, type PlannedContexts } from './named-context.ts';
import { atInstruction } from './plan-error.ts';
import type { PlanOptions, Platform } from './plan-options.ts';
import { stagePlatform } from './platforms.ts';
import type { CopySource, StageBase } from './step.ts';

/** A stage with its base resolved. */
export interface StageNode {
  readonly index: number;
  readonly stage: Stage;
  readonly base: StageBase;
}

/** Names and indices of the stages, as a builder looks them up. */
export interface StageGraph {
  readonly nodes: readonly StageNode[];
  /** The last stage of each name. */
  readonly names: ReadonlyMap<string, number>;
  readonly target: number;
  readonly contexts: PlannedContexts | undefined;
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
  const profile = builderProfile(options.builder, options.compat);
  const target = findTarget(dockerfile.stages, options, profile);
  // Classic does not look behind the target.
  const given = foldCase ? dockerfile.stages.slice(0, target + 1) : dockerfile.stages;
  const { contexts } = options;
  // A context of a stage's name stands for the whole stage.
  const stages = given.map((stage) =>
    stage.name !== undefined && findContext(contexts, stage.name) ? { ...stage, instructions: [] } : stage,
  );
  const names = new Map<string, number>();
  const nodes = stages.map((stage, index): StageNode => {
    const base = atInstruction(dockerfile, stage.from.range, (): StageBase => {
      if (foldCase && stage.name !== undefined && names.has(stage.name)) {
        throw new LayerlabError('LL_PARSE', `${stage.name} stage name already used`);
      }
      const { name, platform } = expandBase(stage, globals, dockerfile, options, profile);
      const own = stage.name === undefined ? undefined : findContext(contexts, stage.name);
      const takesContext = (context: PlannedContext & { readonly name: string }, whole = false): StageBase => {
        if (context.kind === 'image')
          return context.reference === 'scratch' ? { kind: 'scratch' } : contextBase(context, platform);
        if (whole) return { kind: 'scratch', folder: context.name, whole };
        return { kind: 'scratch', folder: context.name, ...(platform === undefined ? {} : { platform }) };
      };
      if (own !== undefined) return takesContext(own, true);
      const found = names.get(foldCase ? name.toLowerCase() : name);
      if (found !== undefined) {
        return { kind: 'stage', index: found, ...(platform === undefined ? {} : { platform }) };
      }
      if (name === 'scratch') return { kind: 'scratch' };
      const context = findContext(contexts, name);
      if (context !== undefined) return takesContext(context);
      return { kind: 'image', reference: name, ...(platform === undefined ? {} : { platform }) };
    });
    if (stage.name !== undefined) names.set(stage.name, index);
    return { index, stage, base };
  });
  return { nodes, names, target, contexts, profile };
}

/** What a stage stands on where an image of a named context is its base, or the whole of it. */
function contextBase(
  context: Extract<PlannedContext, { kind: 'image' }> & { readonly name: string },
  platform: Platform | undefined,
): StageBase {
  const { reference, shown, name } = context;
  return {
    kind: 'image',
    reference,
    context: `[context ${name}] ${shown}`,
    ...(platform === undefined ? {} : { platform }),
  };
}

function expandBase(
  stage: Stage,
  globals: ReadonlyMap<string, string>,
  dockerfile: Dockerfile,
  options: PlanOptions,
  profile: BuilderProfile,
): { readonly name: string; readonly platform?: Platform } {
  const { from } = stage;
  const name = expandWord(from.base, globals, dockerfile.words).text;
  if (name === '') throw new LayerlabError('LL_PARSE', `base name (${from.base}) should not be blank`);
  if (from.platform === undefined) return { name };
  const platform = expandPlatform(from.platform, globals, dockerfile.words);
  if (platform.text === '' && profile.emptyPlatformNamed) {
    const [unset = ''] = platform.unset;
    const hint = didYouMean(unset, [...globals.keys()]);
    throw new LayerlabError('LL_PARSE', `empty platform value from expression ${from.platform}${hint}`);
  }
  const shown = profile.platformAsWritten ? from.platform : platform.text;
  const host = options.buildPlatform ?? options.platform;
  return { name, platform: stagePlatform(platform.text, shown, host, profile.platforms) };
}

function expandPlatform(text: string, globals: ReadonlyMap<string, string>, words: WordRules): ExpandedWord {
  try {
    return expandWord(text, globals, words);
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_PARSE') throw error;
    // Docker puts the platform it has by then, which is none, in front of the colon.
    throw new LayerlabError('LL_PARSE', `failed to process arguments for platform : ${error.message}`);
  }
}

function findTarget(
  stages: readonly Stage[],
  { target, builder }: PlanOptions,
  { targetMissing, syntax }: BuilderProfile,
): number {
  if (target === undefined || target === '') return stages.length - 1;
  const wanted = target.toLowerCase();
  const named = stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const index =
    builder === 'buildkit'
      ? stages.findLastIndex(({ name }) => name === wanted)
      : stages.findIndex(({ name }) => name === wanted);
  if (index >= 0) return index;
  const suggestion = syntax.suggestions ? didYouMean(target, named) : '';
  throw new LayerlabError('LL_PARSE', targetMissing.replace('{}', () => target) + suggestion, {
    hint: named.length === 0 ? 'No stage of this file has a name.' : `Stages with a name: ${named.join(', ')}.`,
  });
}

type ReferenceWords = Pick<BuilderProfile, 'referenceShown'>;

/** The image name as progress shows it. Throws LL_REFERENCE with the words of the BuildKit frontend. */
export function progressImageName(reference: string, words: ReferenceWords = words28): string {
  try {
    return canonicalString(withDefaultTag(parseReference(reference)));
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError(
      'LL_REFERENCE',
      `failed to parse stage name "${reference}": ${referenceProblem(error, words)}`,
    );
  }
}

/** What is wrong with a reference, with the name in it only where the version shows that. */
function referenceProblem({ message }: LayerlabError, { referenceShown }: ReferenceWords): string {
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
export function findSourceBuildkit(from: string, graph: StageGraph): CopySource {
  const source = findNamedSource(from, graph);
  if (source.kind !== 'stage') return source;
  const node = graph.nodes[source.index];
  // A stage that a folder stands for, or that is nothing but a name for one.
  if (node?.base.kind !== 'scratch' || node.base.folder === undefined || node.stage.instructions.length > 0)
    return source;
  return { kind: 'folder', name: node.base.folder };
}

function findNamedSource(from: string, { nodes, names, contexts, profile }: StageGraph): CopySource {
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
  if (index !== undefined) return { kind: 'stage', index };
  const context = findContext(contexts, from);
  if (context === undefined) return { kind: 'image', reference: from };
  if (context.kind === 'folder') return { kind: 'folder', name: context.name };
  return { kind: 'image', reference: context.reference, context: `[context ${context.name}] ${context.shown}` };
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
