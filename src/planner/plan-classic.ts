import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ContainerConfig, emptyContainerConfig } from '../formats/container-config.ts';
import type { LabelInstruction, SourceRange } from '../parser/instruction.ts';
import { type Dockerfile, parseTrigger } from '../parser/parse-dockerfile.ts';
import { type BuilderProfile, builderProfile, DEFAULT_PATH } from '../profiles/builder-profile.ts';
import { baseResolver } from './base-image.ts';
import { ClassicArgs } from './classic-args.ts';
import { type ClassicContext, ClassicStage } from './classic-stage.ts';
import { proxyArgs, withDefaultPath } from './env-list.ts';
import { expanderFor } from './expand-instruction.ts';
import { atInstruction } from './plan-error.ts';
import type { BaseImage, PlanOptions } from './plan-options.ts';
import { buildStageGraph, checkImageName, type StageNode } from './stage-graph.ts';
import type { Plan, PlannedStage } from './step.ts';

/** Plans for the classic builder (moby builder/dockerfile/builder.go): every stage up to the target, in order. */
export function planClassic(dockerfile: Dockerfile, options: PlanOptions): Plan {
  const profile = builderProfile('classic', options.compat);
  const args = new ClassicArgs(options.buildArgs, proxyArgs(profile.proxies));
  for (const meta of dockerfile.metaArgs) {
    atInstruction(dockerfile, meta.range, () => {
      const expander = expanderFor(() => ({ get: (name) => args.value(name) }), dockerfile.words);
      const expanded = meta.args.map(({ key, value }) => ({
        key: expander.word(key),
        value: value === undefined ? undefined : expander.word(value),
      }));
      for (const { key, value } of expanded) args.declareGlobal(key, value);
    });
  }
  const graph = buildStageGraph(dockerfile, options, args.globals(), true);
  const context: ClassicContext = {
    words: dockerfile.words,
    syntax: dockerfile.syntax,
    network: options.network,
    profile,
    graph,
    keepRefused: options.keepRefused === true,
  };
  const resolve = baseResolver(options);
  const configs: ContainerConfig[] = [];
  const stages = graph.nodes.map((node): PlannedStage => {
    const { stage, base, index } = node;
    const start = atInstruction(dockerfile, stage.from.range, () => startConfig(node, configs, resolve, profile));
    const triggers = start.onBuild ?? [];
    const withoutTriggers = triggers.length === 0 ? start : { ...start, onBuild: null };
    const builder = new ClassicStage(context, index, withoutTriggers, args.forStage());
    atInstruction(dockerfile, stage.from.range, () => {
      for (const expression of triggers) builder.add(parseTrigger(expression, dockerfile.syntax), true);
    });
    const labels = index === graph.target ? labelInstructions(options.labels, stage.from.range) : [];
    for (const instruction of [...stage.instructions, ...labels]) {
      atInstruction(dockerfile, instruction.range, () => builder.add(instruction, false));
    }
    configs.push(builder.config);
    const needs = new Set([...(base.kind === 'stage' ? [base.index] : []), ...builder.sources]);
    return {
      index,
      name: stage.name,
      base,
      from: stage.from,
      display: stage.from.source,
      progressName: undefined,
      progressTotal: { from: 0, steps: 0 },
      steps: builder.steps,
      baseConfig: withoutTriggers,
      baseAuthor: '',
      needs: [...needs].sort((a, b) => a - b),
    };
  });
  checkNotEmpty(dockerfile, stages, graph.target);
  const unused = args.unused();
  return {
    builder: 'classic',
    stages,
    order: stages.map(({ index }) => index),
    target: graph.target,
    metaArgs: dockerfile.metaArgs,
    warnings: [
      ...continuationWarnings(dockerfile.warnings),
      ...(unused.length === 0 ? [] : [`[Warning] One or more build-args [${unused.join(' ')}] were not consumed`]),
    ],
  };
}

/** Classic makes no image of a FROM scratch alone. */
function checkNotEmpty(dockerfile: Dockerfile, stages: readonly PlannedStage[], target: number): void {
  let stage = stages[target];
  while (stage !== undefined && stage.steps.length === 0 && stage.base.kind === 'stage')
    stage = stages[stage.base.index];
  if (stage === undefined || stage.steps.length > 0 || stage.base.kind !== 'scratch') return;
  atInstruction(dockerfile, stage.from.range, () => {
    throw new LayerlabError('LL_PARSE', 'No image was generated. Is your Dockerfile empty?');
  });
}

function continuationWarnings(warnings: readonly string[]): readonly string[] {
  if (warnings.length === 0) return [];
  const last = 'Empty continuation lines will become errors in a future release.';
  return [...warnings, last].map((warning) => `[WARNING]: ${warning}`);
}

/** The config a stage begins with: the base's, with a PATH and without the marks of an interactive container. */
function startConfig(
  { base }: StageNode,
  configs: readonly ContainerConfig[],
  resolve: (reference: string) => BaseImage,
  profile: BuilderProfile,
): ContainerConfig {
  if (base.kind === 'image') checkImageName(base.reference, profile);
  const found =
    base.kind === 'stage' ? configs[base.index] : base.kind === 'image' ? resolve(base.reference).config : undefined;
  const config = found ?? emptyContainerConfig;
  return { ...config, env: withDefaultPath(config.env, DEFAULT_PATH), openStdin: false, stdinOnce: false };
}

/** `--label` becomes one LABEL step for each key, in the order of the keys, on the last stage. */
function labelInstructions(labels: ReadonlyMap<string, string>, range: SourceRange): readonly LabelInstruction[] {
  return [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({
      kind: 'LABEL',
      keyword: 'LABEL',
      source: `LABEL ${key}=${value}`,
      range,
      flags: [],
      heredocs: [],
      pairs: [{ key, value }],
      literal: true,
    }));
}
