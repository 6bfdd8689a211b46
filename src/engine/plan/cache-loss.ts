import type { Plan, PlannedStage, Step } from '../../planner/step.ts';
import type { CacheLoss } from '../plan-result.ts';

/**
 * Which layer steps of the built stages cannot come from the cache, given those that take a changed file: they, every
 * layer step behind them, and every one of the stages that stand on such a stage or, from the COPY or RUN on, take from it.
 * A copy whose files come out the same may be in the cache after all; no plan can know.
 */
export function cacheLosses(plan: Plan, takers: ReadonlySet<Step>): ReadonlyMap<Step, CacheLoss> {
  const losses = new Map<Step, CacheLoss>();
  const lost = new Set<number>();
  for (const index of plan.order) loseStage(plan.stages[index] as PlannedStage, takers, lost, losses);
  return losses;
}

function loseStage(
  stage: PlannedStage,
  takers: ReadonlySet<Step>,
  lost: Set<number>,
  losses: Map<Step, CacheLoss>,
): void {
  let losing = stage.base.kind === 'stage' && lost.has(stage.base.index);
  for (const step of stage.steps) {
    if (!step.layer) continue;
    const takes = takers.has(step);
    losing ||= takes || [...stageSources(step)].some((index) => index !== stage.index && lost.has(index));
    if (losing) losses.set(step, takes ? 'source' : 'behind');
  }
  if (losing) lost.add(stage.index);
}

function stageSources({ action, mounted }: Step): ReadonlySet<number> {
  if (mounted !== undefined) return mounted;
  const copies = action.kind === 'copy' || action.kind === 'add';
  return new Set(copies && action.from.kind === 'stage' ? [action.from.index] : []);
}
