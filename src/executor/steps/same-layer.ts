import { hashChange } from '../../committer/tar-hash/hash-change.ts';
import { chainId } from '../../formats/digest.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { type SourceStamp, sameCopy } from '../cache/source-stamp.ts';
import { buildTime, findLayer, holdKnownLayer, holdLayer, shownTime } from '../commit-layer.ts';
import { ContextTree } from '../context/context-tree.ts';

/**
 * Whether the layer that a step makes may be there already, although no cache is to be asked: an earlier build made one of the same
 * instruction in the same place.
 */
export function isLikelySame(env: BuildEnv, key: string): boolean {
  return env.noCache && env.cache.find(key).some(({ layer }) => findLayer(env, layer.chainId) !== undefined);
}

/** A layer that is there already. */
export interface SameLayer {
  readonly layer: BuiltLayer;
  /** Whether the build cache has it under this very key, of sources that looked the same: what it keeps of them holds good. */
  readonly isKept: boolean;
  /** When its sources were read, where that was long ago; nanoseconds. */
  readonly readAt?: bigint;
}

/**
 * The layer that a planned copy makes, where an earlier build kept it of sources that nobody touched since, or kept one of sources that
 * looked the same: then all of them are read and hashed, as without any cache, and only where the digest is that of a layer which is there
 * is nothing written. A layer that is written in such a case is thrown away again when its digest is known (see commitLayer).
 *
 * @param stamp what the sources look like now
 * @param onBytes called with the bytes that were read so far
 * @returns undefined where the layer has to be written. Throws as `hashChange` does.
 */
export async function findSameLayer(
  env: BuildEnv,
  stack: LayerStack,
  key: string,
  { kind, documents, from }: CopyAction,
  tree: ChangeTree,
  stamp: SourceStamp | undefined,
  onBytes: { readonly onBytes?: (bytes: number) => void },
): Promise<SameLayer | undefined> {
  if (!env.noCache || stamp === undefined || kind !== 'copy' || documents.length > 0) return undefined;
  if (isNewOnTheWay(env, tree)) return undefined;
  const below = stack[stack.length - 1]?.chainId;
  const kept = env.cache.find(key).filter((one) => one.stamp === stamp.digest && one.layer.parent === below);
  if (!kept.some(({ layer }) => findLayer(env, layer.chainId) !== undefined)) return undefined;
  const created = shownTime(env, buildTime(env));
  const same = from.kind !== 'context' || hasNewTime(env, tree.root) ? undefined : sameCopy(stamp, kept);
  const known = same && holdKnownLayer(env, same.layer);
  if (known !== undefined) return { layer: { ...known, created }, isKept: true, readAt: same?.readAt ?? 0n };
  const { dialect, timestamp, signal, help } = env;
  const diffId = await hashChange(tree, { dialect, latestTime: timestamp, signal, hasher: help?.hasher(), ...onBytes });
  if (diffId === undefined) return undefined;
  const layer = holdLayer(env, chainId(below, diffId));
  if (layer === undefined) return undefined;
  const isKept = kept.some((record) => record.layer.diffId === diffId);
  return { layer: { ...layer, created }, isKept };
}

/** Whether anything in a change is as old as this build, and so is nothing that was kept of an earlier one. */
function hasNewTime({ context, timestamp }: BuildEnv, root: ChangeNode): boolean {
  if (timestamp !== undefined) return false;
  if (!(context instanceof ContextTree)) return true;
  const since = context.root.mtime;
  const isNew = (node: ChangeNode): boolean => {
    for (const child of node.children.values()) if (child.mtime >= since || isNew(child)) return true;
    return false;
  };
  return isNew(root);
}

/**
 * Whether one of the folders that lead to what a change brings is as old as this build: it was made by now, or is the root of the context, which
 * has the time at which that was opened. No earlier layer has such a time.
 */
export function isNewOnTheWay({ context, timestamp }: BuildEnv, { root }: ChangeTree): boolean {
  if (timestamp !== undefined || !(context instanceof ContextTree)) return false;
  const since = context.root.mtime;
  let node: ChangeNode | undefined = root;
  while (node !== undefined) {
    const [child]: readonly ChangeNode[] = [...node.children.values()];
    if (child?.kind !== 'dir' || node.children.size > 1) return false;
    if (child.mtime >= since) return true;
    node = child;
  }
  return false;
}
