import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { StepReporter } from '../build-env.ts';

/** Copies below this are over before a bar could be read, bytes. */
const WORTH_A_BAR = 32 * 1024 * 1024;
const BAR_INTERVAL = 100;

/**
 * Tells how far a copy is, where it is large.
 *
 * @param isPlanned whether all of it is known; nothing is told before
 */
export function copyProgress(
  report: StepReporter,
  tree: ChangeTree,
  isPlanned: () => boolean,
): { onBytes?: (bytes: number) => void } {
  let total = isPlanned() ? tree.contentSize() : undefined;
  if (total !== undefined && total < WORTH_A_BAR) return {};
  let last = 0;
  return {
    onBytes: (bytes) => {
      if (total === undefined && isPlanned()) total = tree.contentSize();
      if (total === undefined || total < WORTH_A_BAR) return;
      const now = Date.now();
      if (bytes < total && now - last < BAR_INTERVAL) return;
      last = now;
      report.status('copying', bytes, total, bytes >= total);
    },
  };
}
