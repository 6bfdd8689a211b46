import { BUILDKIT_COMMENT, buildkitImage } from '../../committer/buildkit-image.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { BuildEnv, LayerStack } from '../../executor/build-env.ts';
import { shownTime } from '../../executor/commit-layer.ts';
import { copyStep, type StepOutcome } from '../../executor/steps/copy-step.ts';
import { runStep } from '../../executor/steps/run-step.ts';
import { workdirStep } from '../../executor/steps/workdir-step.ts';
import type { ContainerConfig } from '../../formats/container-config.ts';
import { type Digest, digestOf } from '../../formats/digest.ts';
import type { HistoryRow } from '../../formats/image-config.ts';
import type { Platform } from '../../planner/plan-options.ts';
import type { CopyAction, Plan, PlannedStage, Step } from '../../planner/step.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BaseImages } from './base-images.ts';
import type { Vertex, VertexLog } from './progress.ts';
import { atInstruction, type SourceText } from './source-text.ts';

/** What a stage has become so far. */
interface StageResult {
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | undefined;
  readonly author: string;
  readonly stack: LayerStack;
  readonly history: readonly HistoryRow[];
  readonly config: ContainerConfig;
}

export interface BuildkitBuild {
  readonly env: BuildEnv;
  readonly plan: Plan;
  readonly bases: BaseImages;
  readonly log: VertexLog;
  readonly platform: Platform;
  readonly text: SourceText;
  /** Gives the image its names; returns them in full. */
  readonly tag: (id: Digest) => readonly string[];
}

export interface BuildkitOutcome {
  readonly imageId: Digest;
  readonly cachedSteps: number;
}

interface Counter {
  cached: number;
  /** Base images that progress has shown: one line for all stages that stand on it. */
  readonly announced: Set<string>;
}

/** Builds the needed stages one after the other and exports the target as an image, as BuildKit in dockerd does. */
export async function buildBuildkit(build: BuildkitBuild): Promise<BuildkitOutcome> {
  const { plan } = build;
  const results = new Map<number, StageResult>();
  const counter: Counter = { cached: 0, announced: new Set() };
  for (const index of plan.order) {
    const stage = plan.stages[index] as PlannedStage;
    results.set(index, await buildStage(build, stage, results, counter));
  }
  const target = results.get(plan.target) as StageResult;
  const imageId = await build.log.run('exporting to image', (vertex) => exportImage(build, target, vertex));
  return { imageId, cachedSteps: counter.cached };
}

async function buildStage(
  build: BuildkitBuild,
  stage: PlannedStage,
  results: ReadonlyMap<number, StageResult>,
  counter: Counter,
): Promise<StageResult> {
  const numbered = stage.steps.filter(({ action, layer }) => layer || action.kind === 'workdir');
  const fromCounts = stage.base.kind === 'image' ? 1 : 0;
  const label = (index: number, total: number): string =>
    `[${stage.progressName === undefined ? '' : `${stage.progressName} `}${index}/${total}]`;
  let state = startStage(build, stage, results);
  if (stage.base.kind === 'image' && !counter.announced.has(stage.display)) {
    counter.announced.add(stage.display);
    build.log.start(`${label(1, stage.progressTotal.from)} ${stage.display}`).done('cached');
  }
  let index = fromCounts;
  for (const step of stage.steps) {
    const number = numbered.includes(step) ? ++index : 0;
    let layer: BuiltLayer | undefined;
    if (step.layer) {
      for (let count = documentsOf(step); count > 0; count -= 1) build.log.start(INLINE_DOCUMENT).done();
      const from = copySource(build, step, results);
      const outcome = await atInstruction(build.text, step.instruction, () =>
        build.log.run(`${label(number, stage.progressTotal.steps)} ${step.display}`, async (vertex) => {
          const done = await runLayerStep(build.env, state.stack, step, from, vertex);
          if (done.cached) vertex.done('cached');
          return done;
        }),
      );
      layer = outcome.layer;
      if (outcome.cached) counter.cached += 1;
    }
    state = afterStep(build.env, state, step, layer);
  }
  return state;
}

/** What progress shows of every text of the Dockerfile that becomes a file. */
const INLINE_DOCUMENT = '[internal] preparing inline document';

function documentsOf({ action }: Step): number {
  if (action.kind === 'run') return action.script === undefined ? 0 : 1;
  return action.kind === 'copy' || action.kind === 'add' ? action.documents.length : 0;
}

function startStage(build: BuildkitBuild, stage: PlannedStage, results: ReadonlyMap<number, StageResult>): StageResult {
  const { base } = stage;
  if (base.kind === 'stage') return { ...(results.get(base.index) as StageResult), config: stage.baseConfig };
  if (base.kind === 'scratch') {
    const { architecture, os, variant } = build.platform;
    return { architecture, os, variant, author: '', stack: [], history: [], config: stage.baseConfig };
  }
  const { config, stack, history } = build.bases.require(base.reference);
  const { architecture, os, variant, author } = config;
  return { architecture, os, variant, author, stack, history, config: stage.baseConfig };
}

function copySource(
  build: BuildkitBuild,
  step: Step,
  results: ReadonlyMap<number, StageResult>,
): LayerStack | undefined {
  const { action } = step;
  if (action.kind !== 'copy' && action.kind !== 'add') return undefined;
  if (action.from.kind === 'context') return undefined;
  if (action.from.kind === 'stage') return (results.get(action.from.index) as StageResult).stack;
  return build.bases.require(action.from.reference).stack;
}

function runLayerStep(
  env: BuildEnv,
  stack: LayerStack,
  step: Step,
  from: LayerStack | undefined,
  vertex: Vertex,
): Promise<StepOutcome> {
  env.signal?.throwIfAborted();
  const { action } = step;
  if (action.kind === 'run') return runStep(env, stack, action, vertex);
  if (action.kind === 'workdir') return workdirStep(env, stack, action);
  if (action.kind === 'config') throw new LayerlabError('LL_BUILD_FAILED', 'a config step makes no layer');
  return copyStep(env, stack, action as CopyAction, from, vertex);
}

function afterStep(env: BuildEnv, state: StageResult, step: Step, layer: BuiltLayer | undefined): StageResult {
  const told = env.timestamp === undefined ? undefined : shownTime(env, env.timestamp);
  const created = told ?? layer?.created;
  const row: HistoryRow | undefined =
    step.createdBy === undefined
      ? undefined
      : {
          ...(created === undefined ? {} : { created }),
          createdBy: step.createdBy,
          comment: BUILDKIT_COMMENT,
          ...(step.layer ? {} : { emptyLayer: true }),
        };
  return {
    ...state,
    stack: layer === undefined ? state.stack : [...state.stack, layer],
    history: row === undefined ? state.history : [...state.history, row],
    config: step.config,
    author: step.author,
  };
}

/** Records the layers in layerdb, base first, then the image: in this order a cut leaves orphans at worst. */
function exportImage(build: BuildkitBuild, target: StageResult, vertex: Vertex): Digest {
  const { store } = build.env;
  vertex.status('exporting layers', 0, 0, false);
  const config = buildkitImage({
    architecture: target.architecture,
    os: target.os,
    variant: target.variant,
    author: target.author,
    config: target.config,
    history: target.history,
    diffIds: target.stack.map(({ diffId }) => diffId),
    profile: build.env.profile,
  });
  const id = store.lock(() => {
    recordLayers(build.env, target.stack);
    store.lease().hold([digestOf(config)]);
    return store.images.create(config);
  });
  vertex.status('exporting layers', 0, 0, true);
  vertex.status(`writing image ${id}`, 0, 0, true);
  for (const name of build.tag(id)) vertex.status(`naming to ${name}`, 0, 0, true);
  return id;
}

/** What layerdb has of a chain already is another build's, made of the same pending layer, or of the same bytes elsewhere. */
function recordLayers({ store, pending }: BuildEnv, stack: LayerStack): void {
  for (const layer of stack) {
    if (!store.layers.has(layer.chainId)) {
      store.layers.register({ ...layer, tarSplit: pending.tarSplit(layer.chainId) });
    }
    // A snapshot that layerdb does not name is kept by its pending record: layers above may stand on it.
    if (pending.get(layer.chainId)?.cacheId === store.layers.require(layer.chainId).cacheId)
      pending.drop(layer.chainId);
  }
}
