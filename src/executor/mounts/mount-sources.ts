import { chmodSync, mkdirSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { errnoOf } from '../../host/io-error.ts';
import { mountOverlay } from '../../host/overlay-mount.ts';
import type { MountSource } from '../../planner/step.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { openStack } from '../open-stack.ts';
import { materialise } from '../run/materialise.ts';
import { sourceTree } from '../steps/copy-step.ts';

/** Finds the layers that a mount takes from: undefined for the context, none for nothing at all. */
export type StackOf = (from: MountSource) => LayerStack | undefined;

/** Failures of mount(2) that mean: no overlay here. */
const NO_OVERLAY = new Set(['EPERM', 'EACCES', 'ENODEV', 'EINVAL', 'EOPNOTSUPP']);

/** Files or a folder of a source, found. */
export interface FoundMount {
  readonly tree: FileTree;
  readonly node: FileNode;
  /** Names from the root of the source to it. */
  readonly components: readonly ByteString[];
  readonly stack: LayerStack | undefined;
  /** The name of the context it lies in; empty for the build's own. */
  readonly context: string;
}

/** Where a mount's source lies on this host. */
export interface PlacedMount {
  readonly path: ByteString;
  readonly isFile: boolean;
}

const EMPTY_ROOT: FileNode = {
  ...{ kind: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0n, atime: 0n, major: 0, minor: 0 },
  ...{ target: '', inode: '', path: '', xattrs: () => noXattrs },
};
const EMPTY: FileTree = { root: EMPTY_ROOT, child: () => undefined, names: () => [] };

/** Finds what a mount shows of its source, links followed inside it; undefined where there is nothing. */
export function findMount(env: BuildEnv, stackOf: StackOf, from: MountSource, source: string): FoundMount | undefined {
  // A build without a context has an empty one for mounts.
  const nothing = from.kind === 'scratch' || (from.kind === 'context' && env.context === undefined);
  const stack = nothing ? [] : stackOf(from);
  const tree =
    stack === undefined && from.kind !== 'scratch'
      ? sourceTree(env, undefined, from)
      : stack === undefined || stack.length === 0
        ? EMPTY
        : openStack(env, stack);
  const { components, node } = resolvePath(tree, toByteString(source), true);
  return node === undefined
    ? undefined
    : { tree, node, components, stack, context: from.kind === 'folder' ? from.name : '' };
}

/** A mount whose source is not there, in BuildKit's words. */
export function missingSource({ profile }: BuildEnv, source: string): LayerlabError {
  const message = profile.runs.missingMount.replace('{}', () => `"${source}"`);
  return new LayerlabError('LL_SOURCE_NOT_FOUND', message, {
    hint: 'Is the source of the mount relative to the root of what it comes from, and not left out by .dockerignore?',
  });
}

/** Read-only copies of parts of the context, which all steps of a build share. */
const contexts = new WeakMap<BuildEnv, Map<string, PlacedMount>>();

/**
 * Makes a source ready to be mounted, in a new folder of its own: layers as an overlay, or, where there is none to be had
 * and for the context (whose files belong to root in a build), as a copy. With `writable` what is written lands in there.
 */
export function placeMount(env: BuildEnv, found: FoundMount, writable: boolean, folder: ByteString): PlacedMount {
  if (found.stack === undefined && !writable) return placeContext(env, found);
  mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
  return mountLayers(env, found, writable, folder) ?? copySource(found, folder);
}

function placeContext(env: BuildEnv, found: FoundMount): PlacedMount {
  const known = contexts.get(env) ?? new Map<string, PlacedMount>();
  contexts.set(env, known);
  const key = JSON.stringify([found.context, found.components]);
  const placed = known.get(key);
  if (placed !== undefined) return placed;
  const folder = `${env.scratch}/context/${known.size}`;
  mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
  const fresh = copySource(found, folder);
  known.set(key, fresh);
  return fresh;
}

/** Undefined where layers cannot be mounted as they are. */
function mountLayers(
  env: BuildEnv,
  { node, components, stack }: FoundMount,
  writable: boolean,
  folder: ByteString,
): PlacedMount | undefined {
  if (stack === undefined || stack.length === 0 || env.readsHeaders || !hostCapabilities().overlayMount)
    return undefined;
  const made = (name: string): ByteString => {
    mkdirSync(fsPath(`${folder}/${name}`));
    return `${folder}/${name}`;
  };
  const merged = made('view');
  const lowers = [...stack].reverse().map(({ cacheId }) => env.store.overlay.diffPath(cacheId));
  try {
    // An overlay that is only read needs two layers.
    if (writable) mountOverlay({ lowers, upper: made('upper'), work: made('work'), merged });
    else mountOverlay({ lowers: [...lowers, made('nothing')], merged });
  } catch (error) {
    if (NO_OVERLAY.has(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
  return { path: [merged, ...components].join('/'), isFile: node.kind !== 'dir' };
}

/** Copies a source: a folder as `data`, anything else as `file`. */
export function copySource({ tree, node, components, stack }: FoundMount, folder: ByteString): PlacedMount {
  if (node.kind !== 'dir') {
    const name = 'file';
    const only: FileTree = {
      root: EMPTY_ROOT,
      child: (_, asked) => (asked === name ? node : undefined),
      names: () => [name],
    };
    materialise(only, folder);
    return { path: `${folder}/${name}`, isFile: true };
  }
  const path = `${folder}/data`;
  mkdirSync(fsPath(path), 0o755);
  if (tree !== EMPTY) {
    materialise({ root: node, child: (dir, name) => tree.child(dir, name), names: (dir) => tree.names(dir) }, path);
  }
  // The root of a context is made anew for a build, whatever the folder on this host is like.
  if (tree === EMPTY || (stack === undefined && components.length === 0)) chmodSync(fsPath(path), 0o755);
  return { path, isFile: false };
}
