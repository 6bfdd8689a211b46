import type { StepOutcome } from '../../executor/steps/copy-step.ts';
import { openTurns } from './turns.ts';

/** Asks of copies, one after the other, whether they give layers that are there. */
export interface CopyProofs {
  /** Undefined where the copy has to be planned. A few first copies of which none is there have the others not asked. */
  ask(prove: () => StepOutcome | undefined): Promise<StepOutcome | undefined>;
}

/** So many copies, the first ones of a build, that are others than an earlier build's: the rest of the context is taken to be another as well. */
const ENOUGH_MISSES = 3;

/** @param onFirst called when the first copy is there: most of the build may be */
export function openCopyProofs(onFirst: () => void): CopyProofs {
  const inTurn = openTurns();
  let misses = 0;
  return {
    ask: (prove) =>
      inTurn(async () => {
        if (misses >= ENOUGH_MISSES) return undefined;
        const proved = prove();
        if (proved === undefined) misses += 1;
        else if (misses >= 0) {
          misses = Number.NEGATIVE_INFINITY;
          onFirst();
        }
        return proved;
      }),
  };
}
