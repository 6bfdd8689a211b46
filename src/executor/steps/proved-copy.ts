import { wholeSeconds } from '../../committer/tar-entry-of.ts';
import { planTar } from '../../committer/tar-hash/plan-tar.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import { TAR_END } from '../../formats/tar-header.ts';
import { FACT_WORDS } from '../../host/file-facts.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import type { CacheRecord } from '../cache/build-cache.ts';
import { sameCopy, sourceText } from '../cache/source-stamp.ts';
import { buildTime, findLayer, holdKnownLayer, shownTime } from '../commit-layer.ts';
import { ContextTree } from '../context/context-tree.ts';
import { copyByFolder } from '../copy/copy-buildkit.ts';
import { type FolderJob, lookAtFolder } from '../copy/folder-hash/hash-folder.ts';
import type { Owner } from '../copy/owner.ts';
import { openStack } from '../open-stack.ts';
import { copyOwner, plainKey } from './copy-key.ts';
import type { StepOutcome } from './copy-step.ts';
import { isNewOnTheWay } from './same-layer.ts';

/** A copy without the cache that may prove to give a layer that is there. */
export interface ProvableCopy {
  readonly context: ContextTree;
  readonly owner: Owner | undefined;
  readonly key: string;
  /** What earlier builds kept of the same instruction in the same place. */
  readonly kept: readonly CacheRecord[];
}

/**
 * Whether a step is the plain copy of one folder of the context, no cache is asked for it, and an earlier build has made a layer of the
 * same instruction in the same place.
 */
export function provableCopy(env: BuildEnv, stack: LayerStack, action: CopyAction): ProvableCopy | undefined {
  const { context, dialect, noCache, profile, builder } = env;
  const { kind, sources, from, remotes, documents, excludes, parents, chmod } = action;
  const word = sources[0];
  if (!noCache || builder !== 'buildkit' || kind !== 'copy' || from.kind !== 'context') return undefined;
  if (word === undefined || sources.length > 1 || NOT_PLAIN.test(word) || parents || chmod !== undefined)
    return undefined;
  if (remotes.size > 0 || documents.length > 0 || excludes.length > 0 || !profile.copies.restoresTimes)
    return undefined;
  if (!(context instanceof ContextTree) || !context.isWhole) return undefined;
  if (dialect.names !== undefined || dialect.fileTypeBits) return undefined;
  try {
    const owner = copyOwner(env, stack, action);
    const key = plainKey(env, stack, action, owner);
    const below = stack[stack.length - 1]?.chainId;
    const kept = env.cache.find(key).filter(({ stamp, layer }) => stamp !== undefined && layer.parent === below);
    return kept.length === 0 ? undefined : { context, owner, key, kept };
  } catch (error) {
    // The step itself says what is wrong.
    if (error instanceof LayerlabError) return undefined;
    throw error;
  }
}

/** What may name more than one file. */
const NOT_PLAIN = /[*?[\\]/;

/**
 * The layer of a copy, where an earlier build kept it of sources that nobody touched since, or that looked the same and now, read and
 * hashed, give its digest. Only the folders that lead to the destination are planned.
 *
 * @returns undefined where that is not so, or cannot be told in this way, or anything is wrong: then the copy has to be planned
 */
export function provedCopy(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  { context, owner, key, kept }: ProvableCopy,
): StepOutcome | undefined {
  env.signal?.throwIfAborted();
  const readAt = nowNanos();
  const job = jobOf(env, stack, action, context, owner);
  const look = job && lookAtFolder(job);
  if (look === undefined) return undefined;
  const { stamp, hash } = look;
  const similar = kept.filter((record) => record.stamp === stamp.digest);
  const same = sameCopy(stamp, similar);
  const mayBeThere = (): boolean => similar.some(({ layer }) => findLayer(env, layer.chainId) !== undefined);
  const digest = same === undefined && mayBeThere() ? hash(() => env.signal?.aborted === true) : undefined;
  env.signal?.throwIfAborted();
  const record = same ?? similar.find(({ layer }) => layer.diffId === digest);
  const there = record && holdKnownLayer(env, record.layer);
  if (there === undefined) return undefined;
  const layer = { ...there, created: shownTime(env, buildTime(env)) };
  // The next build that asks the cache is given this one's time.
  env.cache.put(key, layer, { text: undefined, readAt: same?.readAt ?? readAt, stamp: stamp.digest });
  return { layer, cached: false, proved: true };
}

/** Undefined where the tar is not just that of a folder behind those that lead to it. */
function jobOf(
  env: BuildEnv,
  stack: LayerStack,
  { destination, sources }: CopyAction,
  context: ContextTree,
  owner: Owner | undefined,
): FolderJob | undefined {
  const { dialect, timestamp, profile } = env;
  const now = (): bigint => timestamp ?? nowNanos();
  try {
    const base = openStack(env, stack);
    const there = resolvePath(base, toByteString(destination), true).node;
    const taken = there?.kind === 'dir' ? base.names(there) : [];
    const tree = new ChangeTree(base, now);
    let source: ByteString | undefined;
    let folder: FileNode | undefined;
    let to: readonly ByteString[] | undefined;
    const steps = copyByFolder(tree, {
      source: withoutFiles(context),
      ...{ sources, destination, owner, format: profile.copies, madeTime: timestamp, now },
      ...{ excludes: [], parents: false, documents: [], fetched: new Map(), unpacksFetched: false },
      ...{ mode: undefined, archives: undefined },
      stamp: {
        source: (word, found) => {
          source = sourceText(word, found);
        },
        node: (node) => {
          folder = node;
        },
        file: () => undefined,
        finish: () => undefined,
      },
      onDestination: (components) => {
        to = components;
      },
    });
    if (steps === undefined) return undefined;
    while (steps.next().done !== true);
    const facts = folder?.facts?.();
    if (folder === undefined || facts === undefined) return undefined;
    if (source === undefined || to === undefined || !isOneWay(tree.root, to) || isNewOnTheWay(env, tree))
      return undefined;
    const planned = planTar(tree, dialect, timestamp);
    if (planned === undefined || planned.bare.length > 0) return undefined;
    const { between } = planned.recipe;
    return {
      path: folder.path,
      prefix: to.map((name) => `${name}/`).join(''),
      before: between.subarray(0, between.length - TAR_END.length),
      uid: owner?.uid ?? 0,
      gid: owner?.gid ?? 0,
      latest: timestamp === undefined ? Number.POSITIVE_INFINITY : wholeSeconds(timestamp),
      taken: taken.join('\0'),
      source,
      facts: facts.words.slice(facts.at, facts.at + FACT_WORDS),
    };
  } catch (error) {
    // The step itself says what is wrong.
    if (error instanceof LayerlabError) return undefined;
    throw error;
  }
}

/** A tree as it is, but that its folders seem to be empty. */
function withoutFiles(tree: FileTree): FileTree {
  return { root: tree.root, child: (dir, name) => tree.child(dir, name), names: () => [] };
}

/** Whether a change is the folders that lead to one, and that one, with nothing in it: what comes into it stands last in the tar. */
function isOneWay(root: ChangeNode, to: readonly ByteString[]): boolean {
  let node = root;
  for (const name of to) {
    const child = node.children.get(name);
    if (child?.kind !== 'dir' || child.whiteout || child.opaque || node.children.size > 1) return false;
    node = child;
  }
  return node.children.size === 0;
}
