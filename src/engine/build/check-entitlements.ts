import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Plan, PlannedStage } from '../../planner/step.ts';
import type { BuildOptions } from '../build-options.ts';
import { atInstruction, type SourceText } from './source-text.ts';

/**
 * Refuses a needed RUN that asks for more than the build was allowed, before any step is done (buildkit util/entitlements).
 * Throws LL_BUILD_FAILED in BuildKit's words.
 */
export async function checkEntitlements(plan: Plan, options: BuildOptions, text: SourceText): Promise<void> {
  if (options.network === 'host' || options.allow?.includes('network.host') === true) return;
  for (const index of plan.order) {
    for (const { action, instruction } of (plan.stages[index] as PlannedStage).steps) {
      if (action.kind !== 'run' || action.network !== 'host') continue;
      await atInstruction(text, instruction, () => {
        throw new LayerlabError('LL_BUILD_FAILED', 'failed to load LLB: network.host is not allowed', {
          hint: 'Build with --allow network.host or --network host.',
        });
      });
    }
  }
}
