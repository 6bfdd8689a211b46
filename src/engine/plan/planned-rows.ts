import { type ContainerConfig, emptyContainerConfig } from '../../formats/container-config.ts';
import { parseDockerfile } from '../../parser/parse-dockerfile.ts';
import { planBuild } from '../../planner/plan-build.ts';
import type { Plan, PlannedStage, StageBase, Step } from '../../planner/step.ts';
import { builderProfile } from '../../profiles/builder-profile.ts';
import { frontendChoice } from '../build/frontend-choice.ts';
import { hostPlatform } from '../build/host-platform.ts';
import { readBuildInput } from '../build/read-input.ts';
import type { BuilderName } from '../build-options.ts';
import { openBaseFacts } from './base-facts.ts';

/** A Dockerfile to plan, as for `plan`. */
export interface PlannedFile {
  readonly dataRoot: string;
  readonly context: string | undefined;
  readonly file?: string;
  readonly dockerfileText?: string;
  readonly builder?: BuilderName;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/** A line of a Dockerfile that leaves a row in the history of the target. */
export interface PlannedRow {
  readonly line: number;
  /** As written, lines joined. */
  readonly text: string;
  /** As the history will tell it; in COPY and ADD of the classic builder `${HASH}` stands for the sources' hash. */
  readonly createdBy: string;
  readonly layer: boolean;
}

export interface PlannedRows {
  /** The Dockerfile as messages call it. */
  readonly file: string;
  /** Those of the stages that the target stands on included, oldest first; none of the base image. */
  readonly rows: readonly PlannedRow[];
  /** What the lowest of these stages stands on. */
  readonly base: Exclude<StageBase, { readonly kind: 'stage' }>;
  readonly config: ContainerConfig;
  readonly author: string;
}

/** The history rows that a build of a Dockerfile would add to its base. Throws as `plan` does. */
export function plannedRows(request: PlannedFile): PlannedRows {
  const input = readBuildInput(request);
  const profile = builderProfile(request.builder ?? 'buildkit');
  const dockerfile = parseDockerfile(input.text, {
    fileName: input.fileName,
    ...frontendChoice(profile, request.buildArgs),
  });
  const bases = openBaseFacts(request.dataRoot);
  const plan = planBuild(dockerfile, {
    builder: profile.builder,
    ...(request.target === undefined ? {} : { target: request.target }),
    buildArgs: new Map(Object.entries(request.buildArgs ?? {})),
    labels: new Map(),
    network: 'default',
    platform: hostPlatform(),
    keepRefused: true,
    resolveBase: (reference) => bases.find(reference)?.image ?? { config: emptyContainerConfig, author: '' },
  });
  const stages = standingOn(plan, plan.target);
  const steps = stages.flatMap((stage) =>
    stage.steps.map((step) => rowOf(step, stage.from.range.startLine)).filter((row) => row !== undefined),
  );
  const target = plan.stages[plan.target];
  const last = target?.steps.at(-1);
  const base = stages[0]?.base;
  return {
    file: input.fileName,
    rows: steps,
    base: base === undefined || base.kind === 'stage' ? { kind: 'scratch' } : base,
    config: last?.config ?? target?.baseConfig ?? emptyContainerConfig,
    author: last?.author ?? target?.baseAuthor ?? '',
  };
}

/** A stage and those below it, the lowest first. */
function standingOn(plan: Plan, index: number): readonly PlannedStage[] {
  const found: PlannedStage[] = [];
  for (let next: number | undefined = index; next !== undefined; ) {
    const stage: PlannedStage | undefined = plan.stages[next];
    if (stage === undefined) break;
    found.unshift(stage);
    next = stage.base.kind === 'stage' ? stage.base.index : undefined;
  }
  return found;
}

function rowOf(step: Step, fromLine: number): PlannedRow | undefined {
  const createdBy = step.classic === undefined ? step.createdBy : step.classic.cmd.join(' ');
  if (createdBy === undefined) return undefined;
  const { instruction, trigger, layer } = step;
  return {
    line: trigger ? fromLine : instruction.range.startLine,
    text: trigger ? `ONBUILD ${instruction.source}` : instruction.source,
    createdBy,
    layer,
  };
}
