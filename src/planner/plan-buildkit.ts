import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ContainerConfig, emptyContainerConfig } from '../formats/container-config.ts';
import type { Instruction, RunInstruction } from '../parser/instruction.ts';
import { type Dockerfile, parseTrigger } from '../parser/parse-dockerfile.ts';
import { runMountFrom, runMountTarget } from '../parser/parse-run-mount.ts';
import { builderProfile, DEFAULT_PATH } from '../profiles/builder-profile.ts';
import { baseResolver } from './base-image.ts';
import { BuildkitStage, type StageContext, type StageState } from './buildkit-stage.ts';
import { checkCircles, type StageEdge, stageEdges } from './check-circles.ts';
import { withDefaultPath } from './env-list.ts';
import { givenArgs, globalArgs } from './global-args.ts';
import { atInstruction } from './plan-error.ts';
import type { BaseImage, PlanOptions, Platform } from './plan-options.ts';
import { findMountSource } from './run-mounts.ts';
import { SharedLists } from './shared-lists.ts';
import {
  buildStageGraph,
  findSourceBuildkit,
  progressImageName,
  type StageGraph,
  type StageNode,
  stageLabel,
} from './stage-graph.ts';
import type { Plan, PlannedStage, StageBase, Step } from './step.ts';

type Resolve = (reference: string, platform?: Platform) => BaseImage;

/** Plans for BuildKit (buildkit dockerfile2llb/convert.go): only the stages that the target needs. */
export function planBuildkit(dockerfile: Dockerfile, options: PlanOptions): Plan {
  const planner = openPlanner(dockerfile, options);
  const { graph } = planner;
  const planned = planner.planTarget();
  const stages = graph.nodes.map((node) => planned.get(node.index) ?? unplanned(node));
  const order = [...planned.keys()].sort((a, b) => a - b);
  return {
    builder: 'buildkit',
    stages,
    order,
    target: graph.target,
    metaArgs: dockerfile.metaArgs,
    warnings: [],
  };
}

/** What ends a plan for BuildKit. */
export interface PlanFault {
  readonly error: LayerlabError;
  /** The instruction that was being planned; undefined where stages do not go together. */
  readonly at: Instruction | undefined;
}

/** What a plan of this Dockerfile would throw first. */
export function findPlanFault(dockerfile: Dockerfile, options: PlanOptions): PlanFault | undefined {
  let planner: BuildkitPlanner | undefined;
  try {
    planner = openPlanner(dockerfile, options);
    planner.planTarget();
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    return { error, at: planner?.at };
  }
  return undefined;
}

function openPlanner(dockerfile: Dockerfile, options: PlanOptions): BuildkitPlanner {
  const globals = globalArgs(dockerfile, options);
  const graph = buildStageGraph(dockerfile, options, globals, false);
  const edges = stageEdges(dockerfile, graph);
  checkCircles(dockerfile, graph.nodes, edges);
  const context: StageContext = {
    words: dockerfile.words,
    syntax: dockerfile.syntax,
    options,
    globals,
    given: givenArgs(options),
    profile: builderProfile('buildkit', options.compat),
    graph,
  };
  return new BuildkitPlanner(dockerfile, context, graph, edges);
}

class BuildkitPlanner {
  readonly graph: StageGraph;
  /** The instruction that is being planned. */
  at: Instruction | undefined;
  readonly #dockerfile: Dockerfile;
  readonly #context: StageContext;
  readonly #edges: readonly (readonly StageEdge[])[];
  readonly #resolve: Resolve;
  readonly #states = new Map<number, StageState>();
  readonly #lists = new SharedLists();
  readonly #planned = new Map<number, PlannedStage>();
  readonly #oneStage: boolean;

  constructor(
    dockerfile: Dockerfile,
    context: StageContext,
    graph: StageGraph,
    edges: readonly (readonly StageEdge[])[],
  ) {
    this.#dockerfile = dockerfile;
    this.#context = context;
    this.graph = graph;
    this.#edges = edges;
    this.#resolve = baseResolver(context.options);
    this.#oneStage = graph.nodes.length === 1 && !copiesFromImage(graph);
  }

  /** Plans what the target needs; ONBUILD triggers may bring up stages that nothing else needs. */
  planTarget(): ReadonlyMap<number, PlannedStage> {
    const { checksOnly, target } = this.#context.options;
    let missing: readonly number[] =
      checksOnly === true && !target ? [...this.graph.nodes.keys()] : [this.graph.target];
    while (missing.length > 0) {
      for (const index of this.#reachable(missing)) this.#planStage(index);
      const needs = [...this.#planned.values()].flatMap((stage) => stage.needs);
      missing = needs.filter((index) => !this.#planned.has(index));
    }
    return this.#planned;
  }

  /** The given stages, their bases and what these copy from, in the order of the file. */
  #reachable(from: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    const waiting = [...from];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const node = this.graph.nodes[index];
      if (node === undefined || seen.has(index) || this.#planned.has(index)) continue;
      seen.add(index);
      if (node.base.kind === 'stage') waiting.push(node.base.index);
      for (const { to } of this.#edges[index] ?? []) waiting.push(to);
    }
    return [...seen].sort((a, b) => a - b);
  }

  #planStage(index: number): void {
    const node = this.graph.nodes[index];
    if (node === undefined) return;
    const { stage, base } = node;
    const { options } = this.#context;
    this.at = stage.from;
    const [display, start] = atInstruction(this.#dockerfile, stage.from.range, () => [
      base.kind === 'image' ? `FROM ${progressImageName(base.reference, this.#context.profile)}` : stage.from.source,
      this.#start(node),
    ]);
    const triggers = start.config.onBuild ?? [];
    const builder = new BuildkitStage(this.#context, { ...start, config: { ...start.config, onBuild: null } });
    const [firstConfig, firstAuthor] = [builder.config, builder.author];
    atInstruction(this.#dockerfile, stage.from.range, () => {
      for (const expression of triggers)
        this.#add(builder, node, parseTrigger(expression, this.#dockerfile.syntax), true);
    });
    for (const instruction of stage.instructions) {
      this.at = instruction;
      atInstruction(this.#dockerfile, instruction.range, () => this.#add(builder, node, instruction, false));
    }
    this.#states.set(index, builder.state());
    this.#lists.end(index, builder.config);
    const counted = stage.instructions.filter(({ kind }) => COUNTED.has(kind)).length + (startsWithFiles(base) ? 1 : 0);
    const labels = index === this.graph.target ? options.labels : new Map<string, string>();
    const needs = new Set([...(base.kind === 'stage' ? [base.index] : []), ...builder.sources]);
    this.#planned.set(index, {
      index,
      name: stage.name,
      base,
      from: stage.from,
      display,
      progressName: this.#oneStage ? undefined : stageLabel(node),
      progressTotal: { from: counted, steps: counted + triggers.length },
      steps: labelLast(builder.steps, labels),
      baseConfig: builder.steps.length === 0 ? labelled(firstConfig, labels) : firstConfig,
      baseAuthor: firstAuthor,
      needs: [...needs].sort((a, b) => a - b),
    });
  }

  #add(builder: BuildkitStage, node: StageNode, instruction: Step['instruction'], trigger: boolean): void {
    if (instruction.kind === 'FROM') return;
    if (instruction.kind === 'COPY' && instruction.from !== '') this.#checkDefinedBefore(instruction.from, node);
    if (instruction.kind === 'RUN') this.#checkMountedBefore(instruction, node);
    builder.add(instruction, trigger);
  }

  #checkDefinedBefore(from: string, node: StageNode): void {
    const source = findSourceBuildkit(from, this.graph);
    if (source.kind !== 'stage' || source.index < node.index) return;
    const rule = `it needs to be defined before current stage "${stageLabel(node)}"`;
    const line = this.graph.nodes[source.index]?.stage.from.range.startLine ?? 0;
    throw new LayerlabError('LL_PARSE', `cannot copy from stage "${from}", ${rule}`, {
      hint: `Move the stage up: it starts on line ${line}.`,
    });
  }

  #checkMountedBefore(run: RunInstruction, node: StageNode): void {
    for (const text of run.mounts) {
      const from = runMountFrom(text);
      const source = from === '' ? undefined : findMountSource(from, this.graph);
      if (source?.kind !== 'stage' || source.index < node.index) continue;
      const target = runMountTarget(text);
      const line = this.graph.nodes[source.index]?.stage.from.range.startLine ?? 0;
      throw new LayerlabError(
        'LL_PARSE',
        `cannot mount from stage "${from}" to "${target}", stage needs to be defined before current command`,
        { hint: `Move the stage up: it starts on line ${line}.` },
      );
    }
  }

  #start(node: StageNode): StageState {
    const state = this.#stateBelow(node);
    const below = node.base.kind === 'stage' ? node.base.index : undefined;
    return { ...state, config: this.#lists.begin(node.index, below, state.config) };
  }

  #stateBelow({ base }: StageNode): StageState {
    const state = base.kind === 'stage' ? this.#states.get(base.index) : undefined;
    if (state !== undefined) return withPath(state);
    const { config, author } = base.kind === 'image' ? this.#resolve(base.reference, base.platform) : SCRATCH;
    const start = { config: ociPart(config), author, env: new Map(), declared: [] };
    if (base.kind === 'scratch' && base.whole === true) return { ...start, config: emptyContainerConfig };
    return withPath(start);
  }
}

/** No stage that has instructions is without a PATH. */
function withPath(state: StageState): StageState {
  return { ...state, config: { ...state.config, env: withDefaultPath(state.config.env, DEFAULT_PATH) } };
}

function startsWithFiles(base: StageBase): boolean {
  return base.kind === 'image' || (base.kind === 'scratch' && base.folder !== undefined);
}

/** Instructions that progress numbers. */
const COUNTED: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

const SCRATCH: BaseImage = Object.freeze({ config: { ...emptyContainerConfig, workingDir: '/' }, author: '' });

/** What BuildKit keeps of a base image's config: the fields of the OCI config and docker's additions to it. */
function ociPart(config: ContainerConfig): ContainerConfig {
  const { user, exposedPorts, env, entrypoint, cmd, volumes, workingDir, labels, stopSignal } = config;
  const { argsEscaped, healthcheck, onBuild, shell, image, hostname } = config;
  return {
    ...emptyContainerConfig,
    ...{ user, exposedPorts, env, entrypoint, cmd, volumes, workingDir, labels, stopSignal },
    ...{ argsEscaped, healthcheck, onBuild, shell, image, hostname },
  };
}

/**
 * An image or a named context of `COPY --from` counts as a stage when progress decides whether to show stage names, and so does
 * whatever a RUN mounts that is no stage, the context too.
 */
function copiesFromImage(graph: StageGraph): boolean {
  return graph.nodes.some(({ stage }) =>
    stage.instructions.some(
      (one) =>
        (one.kind === 'RUN' && one.mounts.length > 0) ||
        (one.kind === 'COPY' && one.from !== '' && findSourceBuildkit(one.from, graph).kind !== 'stage'),
    ),
  );
}

/** `--label` goes into the config and makes no row. */
function labelled(config: ContainerConfig, labels: ReadonlyMap<string, string>): ContainerConfig {
  return labels.size === 0 ? config : { ...config, labels: new Map([...(config.labels ?? []), ...labels]) };
}

function labelLast(steps: readonly Step[], labels: ReadonlyMap<string, string>): readonly Step[] {
  const last = steps.at(-1);
  if (last === undefined || labels.size === 0) return steps;
  return [...steps.slice(0, -1), { ...last, config: labelled(last.config, labels) }];
}

function unplanned(node: StageNode): PlannedStage {
  return {
    index: node.index,
    name: node.stage.name,
    base: node.base,
    from: node.stage.from,
    display: node.stage.from.source,
    progressName: stageLabel(node),
    progressTotal: { from: 0, steps: 0 },
    steps: [],
    baseConfig: emptyContainerConfig,
    baseAuthor: '',
    needs: [],
  };
}
