import { BUILDKIT_COMMENT } from '../../committer/buildkit-image.ts';
import type { BuildEnv, LayerStack } from '../../executor/build-env.ts';
import { shownTime } from '../../executor/commit-layer.ts';
import type { ContainerConfig } from '../../formats/container-config.ts';
import type { HistoryRow } from '../../formats/image-config.ts';
import type { Platform } from '../../planner/plan-options.ts';
import type { PlannedStage } from '../../planner/step.ts';
import type { VertexGraph } from '../../planner/vertices.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BaseImages } from './base-images.ts';
import { describeFolder, describeStep, NO_PLATFORM } from './folder-base.ts';

/** What a stage has become so far. */
export interface StageResult {
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | undefined;
  readonly author: string;
  readonly stack: LayerStack;
  readonly history: readonly HistoryRow[];
  readonly config: ContainerConfig;
  /** How the topmost layer is described, where the lowest is a folder's. */
  readonly onFolder: string | undefined;
}

/** The layers that stand when a vertex is done, and whether its own was there before. */
export interface Done {
  readonly stack: LayerStack;
  readonly layer: BuiltLayer | undefined;
  readonly cached: boolean;
}

/**
 * What a stage is in front of its first step.
 *
 * @param top what the stage ends with: on a folder, the lowest of its layers is the folder's
 */
export function startStage(
  { bases, platform: own }: { readonly bases: BaseImages; readonly platform: Platform },
  { base, baseConfig: config }: PlannedStage,
  results: ReadonlyMap<number, StageResult>,
  top: Done | undefined,
): StageResult {
  if (base.kind === 'stage') return { ...(results.get(base.index) as StageResult), config };
  if (base.kind === 'scratch') {
    const { architecture, os, variant } = base.whole === true ? NO_PLATFORM : (base.platform ?? own);
    const empty = { architecture, os, variant, author: '', history: [], config };
    if (base.folder === undefined) return { ...empty, stack: [], onFolder: undefined };
    return { ...empty, stack: top?.stack.slice(0, 1) ?? [], onFolder: describeFolder(base.folder) };
  }
  const { config: image, stack, history } = bases.require(base.reference, base.platform);
  const { architecture, os, variant, author } = image;
  return { architecture, os, variant, author, stack, history, config, onFolder: undefined };
}

/** What a stage is behind all its steps. Lists grow in place: a stage may have thousands of steps. */
export function afterSteps(
  env: BuildEnv,
  start: StageResult,
  { steps }: PlannedStage,
  graph: VertexGraph,
  done: ReadonlyMap<string, Done>,
): StageResult {
  const told = env.timestamp === undefined ? undefined : shownTime(env, env.timestamp);
  const [stack, history] = [[...start.stack], [...start.history]];
  let { onFolder } = start;
  for (const step of steps) {
    const id = graph.ofStep.get(step) ?? '';
    const layer = done.get(id)?.layer;
    const created = told ?? layer?.created;
    if (step.createdBy !== undefined) {
      history.push({
        ...(created === undefined ? {} : { created }),
        createdBy: step.createdBy,
        comment: BUILDKIT_COMMENT,
        ...(step.layer ? {} : { emptyLayer: true }),
      });
    }
    if (layer === undefined) continue;
    stack.push(layer);
    if (onFolder !== undefined) onFolder = describeStep(step, graph.vertices.find((one) => one.id === id)?.name ?? '');
  }
  const last = steps[steps.length - 1];
  const { config, author } = last ?? start;
  return { ...start, stack, history, config, author, onFolder };
}
