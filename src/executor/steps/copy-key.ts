import type { CopyAction } from '../../planner/step.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { type KeyPart, stepKey } from '../cache/step-key.ts';
import { type Owner, resolveOwner } from '../copy/owner.ts';
import { openStack } from '../open-stack.ts';
import { isLikelySame } from './same-layer.ts';

/** Who is to own what is copied, where the instruction says so; `base` is the stack, where it is open. */
export function copyOwner(env: BuildEnv, stack: LayerStack, { chown }: CopyAction, base?: FileTree): Owner | undefined {
  if (chown === undefined) return undefined;
  const { needsUserFiles } = env.profile.copies;
  return resolveOwner(base ?? openStack(env, stack), chown, env.builder, stack.length === 0, needsUserFiles);
}

/** The key of a copy of files as they are. */
export function plainKey(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  owner = copyOwner(env, stack, action),
): string {
  return copyKey(env, stack, action, owner, action.sources, [], []);
}

/**
 * The key of a copy in the build cache.
 *
 * @param sources what the sources are called in it: words, or what a server said of them
 * @param archives digests of what is unpacked
 * @param contents what is known of the contents without a manifest
 */
export function copyKey(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  owner: Owner | undefined,
  sources: readonly string[],
  archives: readonly string[],
  contents: readonly KeyPart[],
): string {
  return stepKey([
    'copy',
    stack[stack.length - 1]?.chainId,
    action.kind,
    sources,
    action.destination,
    owner === undefined ? null : [owner.uid, owner.gid],
    action.chmod,
    action.parents,
    action.excludes,
    env.timestamp === undefined ? null : String(env.timestamp),
    archives,
    action.documents.map(({ name, data }) => [name, data]),
    contents,
  ]);
}

/** Whether the cache knows of this instruction in this place, so that nothing but looking at the files may have to be done. */
export function isKnownCopy(env: BuildEnv, stack: LayerStack, action: CopyAction): boolean {
  return !env.noCache && env.cache.knows(plainKey(env, stack, action));
}

/** Whether a copy that no cache is asked for may give a layer that is there, so that files may have to be read, but not written. */
export function isLikelyKept(env: BuildEnv, stack: LayerStack, action: CopyAction): boolean {
  return env.noCache && action.kind === 'copy' && isLikelySame(env, plainKey(env, stack, action));
}
