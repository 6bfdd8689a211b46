import type { RestOfPlan } from '../../committer/write-change.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { type CopyRequest, copyBuildkit, copyByFolder } from '../copy/copy-buildkit.ts';

/** A plan that may be left before its end. */
export interface StepwisePlan extends RestOfPlan {
  /** Whether all is planned. */
  isWhole(): boolean;
}

/**
 * Plans a copy to its end, or, where it is one that can be written folder by folder, until `isEnough` says that there is no need to know
 * the rest before writing begins.
 */
export async function planInSteps(
  tree: ChangeTree,
  request: CopyRequest,
  isEnough: () => boolean,
): Promise<StepwisePlan> {
  const steps = copyByFolder(tree, request);
  if (steps === undefined) await copyBuildkit(tree, request);
  let isWhole = steps === undefined;
  const more = (): boolean => {
    isWhole ||= steps?.next().done === true;
    return !isWhole;
  };
  while (more() && !isEnough());
  return { more, isWhole: () => isWhole };
}
