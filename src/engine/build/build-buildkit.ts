import { existsSync } from 'node:fs';
import { buildkitImage } from '../../committer/buildkit-image.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../../executor/build-env.ts';
import { holdKnownLayer } from '../../executor/commit-layer.ts';
import { type Weight, weighSources } from '../../executor/copy/weigh-sources.ts';
import type { StackOf } from '../../executor/mounts/mount-sources.ts';
import { openAheadRuns } from '../../executor/steps/ahead-runs.ts';
import { isKnownCopy, isLikelyKept } from '../../executor/steps/copy-key.ts';
import { copyStep, type StepOutcome, sourceTree } from '../../executor/steps/copy-step.ts';
import { type ProvableCopy, provableCopy, provedCopy } from '../../executor/steps/proved-copy.ts';
import { runStep } from '../../executor/steps/run-step.ts';
import { workdirStep } from '../../executor/steps/workdir-step.ts';
import { fsPath } from '../../formats/bytestring.ts';
import { type Digest, digestOf } from '../../formats/digest.ts';
import { canonicalString, type Reference } from '../../formats/reference.ts';
import { compileLater } from '../../host/compile-later.ts';
import { isQuicklyAbsent } from '../../host/quick-calls.ts';
import { takeWay } from '../../host/ways-taken.ts';
import type { Platform } from '../../planner/plan-options.ts';
import type { CopyAction, CopySource, Plan, PlannedStage, Step } from '../../planner/step.ts';
import { planVertices, type Vertex, type VertexGraph } from '../../planner/vertices.ts';
import { recordImage } from '../../store/record-image.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { taggedNow } from '../tag.ts';
import type { BaseImages } from './base-images.ts';
import { type LaneHelp, openCopyLanes } from './copy-lanes.ts';
import type { CopyPool } from './copy-pool.ts';
import { type CopyProofs, openCopyProofs } from './copy-proofs.ts';
import { envOfVertex } from './env-of-vertex.ts';
import { folderLayer, rowsOnFolder } from './folder-base.ts';
import { asNotLookedUp } from './not-looked-up.ts';
import type { VertexLog } from './progress.ts';
import { prepareRecording } from './record-layers.ts';
import { runVertices } from './run-vertices.ts';
import { atInstruction, type SourceText } from './source-text.ts';
import { afterSteps, type Done, type StageResult, startStage } from './stage-result.ts';
import { openWorkAhead } from './work-ahead.ts';

export interface BuildkitBuild {
  readonly env: BuildEnv;
  readonly plan: Plan;
  readonly bases: BaseImages;
  readonly log: VertexLog;
  /** What `scratch` is for. */
  readonly platform: Platform;
  /** What the image is said to be for, whatever it stands on: where the user said it. */
  readonly imagePlatform: Platform | undefined;
  readonly text: SourceText;
  /** Threads for copies of several stages; undefined: all in this one. */
  readonly openPool?: (signal: AbortSignal | undefined) => CopyPool | undefined;
  /** Whether the process does nothing but this build. */
  readonly ownsProcess?: boolean;
  /** Whether a stage is built without the cache while others use it. */
  readonly noCacheOf?: (stage: PlannedStage) => boolean;
  /** What the image is to be called. */
  readonly names: readonly Reference[];
}

export interface BuildkitOutcome {
  readonly imageId: Digest;
  readonly cachedSteps: number;
  /** How many the image has. */
  readonly layers: number;
}

/** The threads that help with a vertex. */
interface VertexHelp extends LaneHelp {
  /** How a copy is proved to be a layer that is there, and how it is done where it is not. */
  readonly proof?: {
    readonly provable: ProvableCopy;
    readonly proofs: CopyProofs;
    inLane<T>(copy: (help: VertexHelp) => Promise<T>): Promise<T>;
  };
}

/** Builds the needed stages, independent ones at the same time, and exports the target as an image, as BuildKit in dockerd does. */
export async function buildBuildkit(build: BuildkitBuild): Promise<BuildkitOutcome> {
  const { plan, env } = build;
  const graph = planVertices(plan, build.noCacheOf);
  const done: Map<string, Done> = new Map();
  const ahead = openWorkAhead(env, graph.vertices, () => lanes);
  const lanes = openCopyLanes(
    () => build.openPool?.(env.signal),
    (weight) => {
      ahead.begin();
      takeWay('threads', false);
      // Large copies take long enough for all that V8 compiles.
      if (weight === 'medium' && build.ownsProcess === true) compileLater();
    },
  );
  const runs = openAheadRuns(env);
  const proofs = openCopyProofs(() => {
    // Not before the command that stands on it has begun: it takes a module of Node.
    if (build.ownsProcess === true) setImmediate(() => compileLater(true));
  });
  const work = async (vertex: Vertex, signal: AbortSignal): Promise<void> => {
    const own: BuildkitBuild = { ...build, env: envOfVertex(env, vertex, signal, graph, runs) };
    const inLane = <T>(copy: (help: VertexHelp) => Promise<T>): Promise<T> =>
      lanes.run(
        () => weightOf(own, vertex, graph, done),
        copy,
        () => mayBeKept(own, vertex, done),
      );
    const run = (help: VertexHelp) => runVertex(own, vertex, graph, done, help);
    const provable = provableIn(own, vertex, done);
    const proof = provable && { provable, proofs, inLane };
    try {
      // Only what is a program of its own, or asks a server, waits for others than this process.
      done.set(vertex.id, waitsForOthers(vertex) ? await run({}) : await (proof ? run({ proof }) : inLane(run)));
    } finally {
      ahead.ended(vertex);
    }
  };
  try {
    await runVertices(graph.vertices, work, { signal: env.signal });
  } finally {
    await lanes.close();
    await runs.close();
  }
  // It ends while the image is recorded.
  env.keeper.dismiss();
  const results = new Map<number, StageResult>();
  for (const index of plan.order) {
    const stage = plan.stages[index] as PlannedStage;
    const start = startStage(build, stage, results, done.get(graph.tops.get(index) ?? ''));
    results.set(index, afterSteps(env, start, stage, graph, done));
  }
  const target = results.get(plan.target) as StageResult;
  const imageId = await build.log.run('exporting to image', async (vertex) => {
    await ahead.settled();
    return exportImage(build, target, vertex);
  });
  const cachedSteps = [...done.values()].filter(({ cached }) => cached).length;
  return { imageId, cachedSteps, layers: target.stack.length };
}

/** What a vertex copies that the cache does not know of. */
function weightOf(
  build: BuildkitBuild,
  { work, below }: Vertex,
  graph: VertexGraph,
  done: ReadonlyMap<string, Done>,
): Weight {
  if (work.kind !== 'step') return 'light';
  const { action } = work.step;
  if ((action.kind !== 'copy' && action.kind !== 'add') || action.sources.length === 0) return 'light';
  const { env } = build;
  if (action.from.kind === 'context' && env.context === undefined) return 'light';
  if (isKnownCopy(env, below === undefined ? [] : (done.get(below) as Done).stack, action)) return 'light';
  return weighSources(sourceTree(env, layersOf(action.from, { ...build, graph, done }), action.from), action.sources);
}

/** Whether what a vertex copies may be a layer that is there, though no cache is asked for it. */
function mayBeKept({ env }: BuildkitBuild, { work, below }: Vertex, done: ReadonlyMap<string, Done>): boolean {
  if (work.kind !== 'step' || work.step.action.kind !== 'copy') return false;
  return isLikelyKept(env, below === undefined ? [] : (done.get(below) as Done).stack, work.step.action);
}

/** What of a vertex may be proved to be a layer that is there, though no cache is asked for it. */
function provableIn({ env }: BuildkitBuild, { work, below }: Vertex, done: ReadonlyMap<string, Done>) {
  if (work.kind !== 'step' || work.step.action.kind !== 'copy') return undefined;
  return provableCopy(env, below === undefined ? [] : (done.get(below) as Done).stack, work.step.action);
}

/** Whether it is a program of its own, or asks a server. */
function waitsForOthers({ work }: Vertex): boolean {
  if (work.kind !== 'step') return false;
  const { action } = work.step;
  return action.kind === 'run' || ((action.kind === 'copy' || action.kind === 'add') && action.remotes.size > 0);
}

async function runVertex(
  build: BuildkitBuild,
  vertex: Vertex,
  graph: VertexGraph,
  done: ReadonlyMap<string, Done>,
  help: VertexHelp,
): Promise<Done> {
  const { work } = vertex;
  if (work.kind === 'image') {
    const { stack } = build.bases.require(work.reference, work.platform);
    build.log.start(vertex.name).done('cached');
    return { stack, layer: undefined, cached: false };
  }
  build.env.signal?.throwIfAborted();
  if (work.kind === 'folder') {
    const layer = await build.log.run(vertex.name, (reporter) => folderLayer(build.env, work.folder, reporter));
    return { stack: [layer], layer, cached: false };
  }
  const { step, stage } = work;
  const below = vertex.below === undefined ? [] : (done.get(vertex.below) as Done).stack;
  for (let count = documentsOf(step); count > 0; count -= 1) build.log.start(INLINE_DOCUMENT).done();
  for (let count = ownedCachesOf(step); count > 0; count -= 1) build.log.start(CACHE_PERMISSIONS).done();
  const { action } = step;
  const stackOf: StackOf = (source) => (source.kind === 'scratch' ? [] : layersOf(source, { ...build, graph, done }));
  const from =
    action.kind === 'copy' || action.kind === 'add' ? layersOf(action.from, { ...build, graph, done }) : undefined;
  const { scratch } = build.env;
  let isCached = false;
  try {
    const { layer, cached, proved } = await atInstruction(
      build.text,
      step.trigger ? stage.from : step.instruction,
      () =>
        build.log.run(vertex.name, async (reporter) => {
          const outcome = await doStep(build.env, help, below, step, from, stackOf, reporter).catch(
            (error: unknown) => {
              throw build.env.noCache && from !== undefined && standsOnImage(vertex, graph)
                ? asNotLookedUp(error)
                : error;
            },
          );
          if (outcome.cached) reporter.done('cached');
          return outcome;
        }),
    );
    isCached = cached;
    takeWay(proved === true ? 'proved copy' : action.kind, cached);
    return { stack: layer === undefined ? below : [...below, layer], layer, cached };
  } finally {
    // What the cache knows never made one, and making and removing a folder costs more than looking a step up.
    if (!isCached && !isQuicklyAbsent(scratch) && existsSync(fsPath(scratch))) removeTree(scratch);
  }
}

async function doStep(
  env: BuildEnv,
  { proof, pool, writers, hasher, openPool }: VertexHelp,
  stack: LayerStack,
  step: Step,
  from: LayerStack | undefined,
  stackOf: StackOf,
  reporter: StepReporter,
): Promise<StepOutcome> {
  const { action } = step;
  const copies = action.kind === 'copy' || action.kind === 'add';
  const inPool = (threads: CopyPool | undefined): Promise<StepOutcome> | undefined =>
    copies && threads !== undefined ? copyInPool(env, threads, stack, action, from, reporter) : undefined;
  const noHasher = (): undefined => undefined;
  const help =
    writers === undefined ? undefined : { writers, hasher: hasher ?? noHasher, handOver: () => inPool(openPool?.()) };
  try {
    if (proof !== undefined) {
      const proved = await proof.proofs.ask(() => provedCopy(env, stack, action as CopyAction, proof.provable));
      return proved ?? (await proof.inLane((lane) => doStep(env, lane, stack, step, from, stackOf, reporter)));
    }
    return await (inPool(pool) ?? runLayerStep({ ...env, help }, stack, step, from, stackOf, reporter));
  } catch (error) {
    // Whatever a step says that was stopped in its middle, it has been cancelled and did not fail.
    env.signal?.throwIfAborted();
    throw error;
  }
}

async function copyInPool(
  env: BuildEnv,
  pool: CopyPool,
  stack: LayerStack,
  action: CopyAction,
  from: LayerStack | undefined,
  reporter: StepReporter,
): Promise<StepOutcome> {
  const { noCache, scratch } = env;
  const outcome = await pool.copy({ stack, action, from, noCache, scratch }, reporter);
  // The thread's lease ends with it.
  if (outcome.layer !== undefined) holdKnownLayer(env, outcome.layer);
  return outcome;
}

function standsOnImage(vertex: Vertex, { vertices }: VertexGraph): boolean {
  let lowest: Vertex | undefined = vertex;
  while (lowest?.below !== undefined) {
    const { below }: Vertex = lowest;
    lowest = vertices.find(({ id }) => id === below);
  }
  return lowest?.work.kind === 'image';
}

/** What progress shows of every text of the Dockerfile that becomes a file. */
const INLINE_DOCUMENT = '[internal] preparing inline document';

function documentsOf({ action }: Step): number {
  if (action.kind === 'run') return action.script === undefined ? 0 : 1;
  return action.kind === 'copy' || action.kind === 'add' ? action.documents.length : 0;
}

/** What progress shows of every cache whose mode or owner a RUN sets. */
const CACHE_PERMISSIONS = '[internal] setting cache mount permissions';

function ownedCachesOf({ action }: Step): number {
  if (action.kind !== 'run') return 0;
  return (action.mounts ?? []).filter((mount) => mount.kind === 'cache' && mount.owner !== undefined).length;
}

/** The layers of a stage or image that a step takes files from; undefined for a context, which is no stack of layers. */
export function layersOf(
  source: CopySource,
  {
    bases,
    graph,
    done,
  }: Pick<BuildkitBuild, 'bases'> & { readonly graph: VertexGraph; readonly done: ReadonlyMap<string, Done> },
): LayerStack | undefined {
  if (source.kind === 'context' || source.kind === 'folder') return undefined;
  if (source.kind === 'image') return bases.require(source.reference).stack;
  return done.get(graph.tops.get(source.index) ?? '')?.stack ?? [];
}

function runLayerStep(
  env: BuildEnv,
  stack: LayerStack,
  step: Step,
  from: LayerStack | undefined,
  stackOf: StackOf,
  reporter: StepReporter,
): Promise<StepOutcome> {
  env.signal?.throwIfAborted();
  const { action } = step;
  if (action.kind === 'run') return runStep(env, stack, action, stackOf, reporter);
  if (action.kind === 'workdir') return workdirStep(env, stack, action);
  if (action.kind === 'config') throw new LayerlabError('LL_BUILD_FAILED', 'a config step makes no layer');
  return copyStep(env, stack, action as CopyAction, from, reporter);
}

/** Records the layers in layerdb, base first, then the image: in this order a cut leaves orphans at worst. */
async function exportImage(build: BuildkitBuild, target: StageResult, vertex: StepReporter): Promise<Digest> {
  const { store, keeper } = build.env;
  const { os, architecture, variant } = build.imagePlatform ?? target;
  vertex.status('exporting layers', 0, 0, false);
  const config = buildkitImage({
    architecture,
    os,
    variant,
    author: target.author,
    config: target.config,
    history:
      target.onFolder === undefined ? target.history : rowsOnFolder(target.history, target.stack, target.onFolder),
    diffIds: target.stack.map(({ diffId }) => diffId),
    profile: build.env.profile,
  });
  // What the shell for commands leaves is taken away while the disk is waited for.
  const [layers] = await Promise.all([prepareRecording(build.env, target.stack), keeper.close()]);
  const id = store.lock(() => {
    const folders = layers.place();
    store.lease().hold([digestOf(config)]);
    return recordImage(store, { config, names: build.names, tagged: taggedNow() }, folders);
  });
  layers.settle();
  vertex.status('exporting layers', 0, 0, true);
  vertex.status(`writing image ${id}`, 0, 0, true);
  for (const name of build.names) vertex.status(`naming to ${canonicalString(name)}`, 0, 0, true);
  return id;
}
