import type { LayerlabError } from '../errors/layerlab-error.ts';
import { emptyContainerConfig } from '../formats/container-config.ts';
import { type Dockerfile, parseDockerfile } from '../parser/parse-dockerfile.ts';
import { planBuild } from '../planner/plan-build.ts';
import type { PlanOptions } from '../planner/plan-options.ts';
import { normalizePlatform, servesPlatform, wrongPlatform } from '../planner/platforms.ts';
import type { MountSource, Plan, PlannedStage, Step, StepAction } from '../planner/step.ts';
import { type VariableOrigin, variableOrigins } from '../planner/variable-origins.ts';
import { builderProfile } from '../profiles/builder-profile.ts';
import { frontendChoice } from './build/frontend-choice.ts';
import { hostPlatform } from './build/host-platform.ts';
import { type BuildInput, readBuildInput } from './build/read-input.ts';
import { type BaseFacts, openBaseFacts } from './plan/base-facts.ts';
import { cacheLosses } from './plan/cache-loss.ts';
import { type ChangedTree, findChangedFiles } from './plan/changed-files.ts';
import { unbuiltSteps } from './plan/unbuilt-steps.ts';
import type {
  CacheLoss,
  LayerCount,
  PlanRefusal,
  PlanRequest,
  PlanResult,
  PlanStage,
  PlanStep,
} from './plan-result.ts';

/**
 * Says what a build of a Dockerfile would do, and does nothing: no step is run, nothing is written, and base images that
 * are not in the data-root are taken as images without a config. Lines that build refuses as unsupported are planned and
 * marked.
 *
 * @throws LL_PARSE, LL_REFERENCE and LL_CONTEXT as `build` does
 */
export function plan(request: PlanRequest): PlanResult {
  return planInput(request, readBuildInput(request), request.context);
}

/** As `plan`, of a Dockerfile that was read. `place`: where the context lies; `/` for one that is no folder of this host. */
export function planInput(
  request: PlanRequest,
  input: Pick<BuildInput, 'fileName' | 'text'> & { readonly context: ChangedTree | undefined },
  place: string | undefined,
): PlanResult {
  const profile = builderProfile(request.builder ?? 'buildkit', request.compat);
  const { builder } = profile;
  const dockerfile = parseDockerfile(input.text, {
    fileName: input.fileName,
    ...frontendChoice(profile, request.buildArgs),
  });
  const bases = openBaseFacts(request.dataRoot);
  const options: PlanOptions = {
    builder,
    ...(request.compat === undefined ? {} : { compat: request.compat }),
    ...(request.target === undefined ? {} : { target: request.target }),
    buildArgs: new Map(Object.entries(request.buildArgs ?? {})),
    labels: new Map(),
    network: 'default',
    platform: hostPlatform(),
    keepRefused: true,
    resolveBase: (reference) => bases.find(reference)?.image ?? { config: emptyContainerConfig, author: '' },
  };
  const planned = planBuild(dockerfile, options);
  const origins = variableOrigins(dockerfile, planned, options);
  const { changes, takers } = findChangedFiles(dockerfile, planned, request.changed ?? [], place, input.context);
  const losses = cacheLosses(planned, takers);
  const stages = describeStages(dockerfile, planned, bases, origins.steps, losses);
  const steps = stages.filter(({ built }) => built).flatMap((stage) => stage.steps);
  return {
    file: request.shownAs ?? input.fileName,
    builder: options.builder,
    target: planned.target,
    globals: dockerfile.metaArgs.map((meta) => ({
      line: meta.range.startLine,
      text: meta.source,
      variables: origins.globals.get(meta) ?? [],
    })),
    stages,
    layerSteps: steps.filter(({ kind }) => kind === 'layer').length,
    configSteps: steps.filter(({ kind }) => kind === 'config').length,
    changes,
    warnings: [...new Set([...dockerfile.warnings, ...planned.warnings])],
  };
}

function describeStages(
  dockerfile: Dockerfile,
  plan: Plan,
  bases: BaseFacts,
  variables: ReadonlyMap<Step, readonly VariableOrigin[]>,
  losses: ReadonlyMap<Step, CacheLoss>,
): readonly PlanStage[] {
  const needed = neededStages(plan);
  const built = new Set(plan.order);
  const counts: (LayerCount | undefined)[] = [];
  return dockerfile.stages.map((stage, index): PlanStage => {
    const found = plan.stages[index];
    const describe = (step: Step): PlanStep => describeStep(step, stage.from.range.startLine, variables, losses);
    const steps = found !== undefined && built.has(index) ? found.steps.map(describe) : unbuiltSteps(stage);
    counts[index] = found === undefined ? undefined : countLayers(found, steps, counts, bases);
    return {
      index,
      name: stage.name,
      line: stage.from.range.startLine,
      text: stage.from.source,
      base: found === undefined ? { kind: 'unread' } : describeBase(found, bases),
      needed: needed.has(index),
      built: built.has(index),
      layers: counts[index],
      refused:
        plan.builder === 'buildkit' && found !== undefined && built.has(index) ? misfit(found, bases) : undefined,
      steps,
    };
  });
}

function neededStages(plan: Plan): ReadonlySet<number> {
  const needed = new Set<number>();
  const waiting = [plan.target];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const other of plan.stages[index]?.needs ?? []) waiting.push(other);
  }
  return needed;
}

function countLayers(
  { base }: PlannedStage,
  steps: readonly PlanStep[],
  counts: readonly (LayerCount | undefined)[],
  bases: BaseFacts,
): LayerCount {
  const own = steps.filter(({ kind }) => kind === 'layer').length;
  const below =
    base.kind === 'stage'
      ? counts[base.index]
      : { base: base.kind === 'scratch' ? 0 : bases.find(base.reference)?.layers, added: 0 };
  const added = (below?.added ?? 0) + own;
  return { base: below?.base, added, total: below?.base === undefined ? undefined : below.base + added };
}

function describeBase({ base }: PlannedStage, bases: BaseFacts): PlanStage['base'] {
  return base.kind === 'image' ? { ...base, known: bases.find(base.reference) !== undefined } : base;
}

/** BuildKit takes no image of another platform. */
function misfit({ base }: PlannedStage, bases: BaseFacts): PlanRefusal | undefined {
  if (base.kind !== 'image') return undefined;
  const wanted = base.platform ?? normalizePlatform(hostPlatform());
  const found = bases.find(base.reference)?.platform;
  if (found === undefined || servesPlatform(found, wanted)) return undefined;
  return refusal(wrongPlatform(base.reference, found, wanted));
}

function describeStep(
  step: Step,
  fromLine: number,
  variables: ReadonlyMap<Step, readonly VariableOrigin[]>,
  losses: ReadonlyMap<Step, CacheLoss>,
): PlanStep {
  const { instruction, action, trigger } = step;
  const from = action.kind === 'copy' || action.kind === 'add' ? action.from : firstMounted(action);
  return {
    kind: step.layer ? 'layer' : 'config',
    line: trigger ? fromLine : instruction.range.startLine,
    text: trigger ? `ONBUILD ${instruction.source}` : instruction.source,
    trigger,
    fromStage: from?.kind === 'stage' ? from.index : undefined,
    fromImage: from?.kind === 'image' ? from.reference : undefined,
    variables: variables.get(step) ?? [],
    refused: refusal(step.refused),
    cacheLoss: losses.get(step),
  };
}

/** The stage or image that a RUN mounts first. */
function firstMounted(action: StepAction): MountSource | undefined {
  if (action.kind !== 'run') return undefined;
  const sources = (action.mounts ?? []).flatMap((mount) => ('from' in mount ? [mount.from] : []));
  return sources.find(({ kind }) => kind === 'stage' || kind === 'image');
}

function refusal(error: LayerlabError | undefined): PlanRefusal | undefined {
  return error === undefined ? undefined : { message: error.message, hint: error.hint };
}
