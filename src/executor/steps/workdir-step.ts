import { toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { WorkdirAction } from '../../planner/step.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { stepKey } from '../cache/step-key.ts';
import { cachedLayer } from '../commit-layer.ts';
import { makeDirs } from '../copy/make-dirs.ts';
import { resolveOwner } from '../copy/owner.ts';
import { openStack } from '../open-stack.ts';
import { type StepOutcome, writeTree } from './copy-step.ts';

/** WORKDIR for BuildKit: makes the folder where it is missing, owned by USER, and always gives a layer. */
export async function workdirStep(env: BuildEnv, stack: LayerStack, action: WorkdirAction): Promise<StepOutcome> {
  const base = openStack(env, stack);
  const owner = action.user === '' ? { uid: 0, gid: 0 } : resolveOwner(base, action.user, 'buildkit');
  const key = stepKey([
    'workdir',
    stack[stack.length - 1]?.chainId,
    action.path,
    owner.uid,
    owner.gid,
    env.timestamp === undefined ? null : String(env.timestamp),
  ]);
  const hit = cachedLayer(env, key);
  if (hit !== undefined) return { layer: hit, cached: true };
  const layer = await makeWorkdir(env, stack, action.path, owner, false);
  if (layer !== undefined) env.cache.put(key, layer, undefined);
  return { layer, cached: false };
}

/** Makes a folder on top of a stack; classic drops the layer where nothing had to be made. */
export function makeWorkdir(
  env: BuildEnv,
  stack: LayerStack,
  path: string,
  owner: { readonly uid: number; readonly gid: number },
  dropEmpty: boolean,
): Promise<BuiltLayer | undefined> {
  const now = () => env.timestamp ?? nowNanos();
  const tree = new ChangeTree(openStack(env, stack), now);
  makeDirs(tree, toByteString(path), { mode: 0o755, ...owner, time: env.timestamp }, now);
  return writeTree(env, stack, tree, dropEmpty, undefined);
}
