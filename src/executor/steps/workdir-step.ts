import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString, toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { WorkdirAction } from '../../planner/step.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { stepKey } from '../cache/step-key.ts';
import { cachedLayer } from '../commit-layer.ts';
import { makeDirs } from '../copy/make-dirs.ts';
import { resolveOwner } from '../copy/owner.ts';
import { openStack } from '../open-stack.ts';
import type { StepOutcome } from './copy-step.ts';
import { writeTree } from './write-tree.ts';

/** WORKDIR for BuildKit: makes the folder where it is missing, owned by USER, and always gives a layer. */
export async function workdirStep(env: BuildEnv, stack: LayerStack, action: WorkdirAction): Promise<StepOutcome> {
  const base = openStack(env, stack);
  const owner =
    action.user === '' ? { uid: 0, gid: 0 } : resolveOwner(base, action.user, 'buildkit', stack.length === 0);
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
  const layer = await makeWorkdir(env, stack, action.path, owner, false, action.user === '');
  if (layer !== undefined) env.cache.put(key, layer, undefined);
  return { layer, cached: false };
}

/**
 * Makes a folder on top of a stack; classic drops the layer where nothing had to be made.
 *
 * @param keepsGroup whether no owner is given to it (see `NewDir`)
 */
export function makeWorkdir(
  env: BuildEnv,
  stack: LayerStack,
  path: string,
  owner: { readonly uid: number; readonly gid: number },
  dropEmpty: boolean,
  keepsGroup = false,
): Promise<BuiltLayer | undefined> {
  const now = () => env.timestamp ?? nowNanos();
  const tree = new ChangeTree(openStack(env, stack), now);
  refuseFileOnTheWay(tree, path, env.builder === 'classic');
  makeDirs(tree, toByteString(path), { mode: 0o755, ...owner, time: env.timestamp, keepsGroup }, now);
  return writeTree(env, stack, tree, dropEmpty, undefined);
}

/** In the words of the two builders; BuildKit's for a file in the folder's own place are those of `makeDirs`. */
function refuseFileOnTheWay(tree: ChangeTree, path: string, classic: boolean): void {
  const { components } = resolvePath(tree, toByteString(path), true);
  for (let depth = 1; depth <= components.length; depth += 1) {
    const node = tree.lookup(components.slice(0, depth));
    if (node === undefined) return;
    if (node.kind === 'dir') continue;
    if (depth < components.length) {
      const next = fromByteString(components.slice(0, depth + 1).join('/'));
      throw new LayerlabError('LL_BUILD_FAILED', `lstat /${next}: not a directory`);
    }
    if (classic) throw new LayerlabError('LL_BUILD_FAILED', `Cannot mkdir: ${path} is not a directory`);
  }
}
