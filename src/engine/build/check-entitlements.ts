import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Plan, PlannedStage, RunAction } from '../../planner/step.ts';
import type { BuildOptions, Entitlement } from '../build-options.ts';
import { atInstruction, type SourceText } from './source-text.ts';

/**
 * Refuses a needed RUN that asks for more than the build was allowed, before any step is done (buildkit util/entitlements).
 * Throws LL_BUILD_FAILED in BuildKit's words.
 */
export async function checkEntitlements(plan: Plan, options: BuildOptions, text: SourceText): Promise<void> {
  const allowed = new Set<Entitlement>(options.allow ?? []);
  if (options.network === 'host') allowed.add('network.host');
  for (const index of plan.order) {
    for (const { action, instruction } of (plan.stages[index] as PlannedStage).steps) {
      const missing = action.kind === 'run' ? wantedBy(action).find((right) => !allowed.has(right)) : undefined;
      if (missing === undefined) continue;
      await atInstruction(text, instruction, () => {
        throw new LayerlabError('LL_BUILD_FAILED', `failed to load LLB: ${missing} is not allowed`, {
          hint: `Build with --allow ${missing}${missing === 'network.host' ? ' or --network host' : ''}.`,
        });
      });
    }
  }
}

function wantedBy({ network, insecure }: RunAction): readonly Entitlement[] {
  return [
    ...(network === 'host' ? (['network.host'] as const) : []),
    ...(insecure === true ? (['security.insecure'] as const) : []),
  ];
}
