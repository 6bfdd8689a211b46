import type { MountSource, PlannedMount } from '../../planner/step.ts';
import type { BuildEnv } from '../build-env.ts';
import type { KeyPart } from '../cache/step-key.ts';
import { contentDigest } from './content-digest.ts';
import { findMount, missingSource, type StackOf } from './mount-sources.ts';

/**
 * What of a mount decides whether a RUN is done again, as with BuildKit: of a bind mount the content that is shown, of all
 * others their options, but not the namespace of a cache, nor how it is shared where the version does not ask. What a cache,
 * a secret or an agent holds never counts. Throws LL_SOURCE_NOT_FOUND for a bind mount of nothing.
 */
export function mountKey(env: BuildEnv, stackOf: StackOf, mount: PlannedMount): KeyPart {
  const { kind, target } = mount;
  switch (mount.kind) {
    case 'bind':
      return [kind, target, mount.readonly, sourceDigest(env, stackOf, mount.from, mount.source)];
    case 'cache': {
      const { owner, id, sharing } = mount;
      return [
        ...[kind, target, mount.readonly, id],
        cacheSeed(env, stackOf, mount.from, mount.source),
        owner === undefined ? null : [owner.mode, owner.uid, owner.gid],
        ...(env.profile.runs.sharingKeyed ? [sharing] : []),
      ];
    }
    case 'tmpfs':
      return [kind, target, mount.readonly, mount.size];
    default: {
      const { id, required, mode, uid, gid } = mount;
      const env = mount.kind === 'secret' ? (mount.env ?? null) : null;
      return [kind, target ?? null, id, required, mode, uid, gid, env];
    }
  }
}

function sourceDigest(env: BuildEnv, stackOf: StackOf, from: MountSource, source: string): string {
  const found = findMount(env, stackOf, from, source);
  if (found === undefined) throw missingSource(env, source);
  return contentDigest(found.tree, found.node, from.kind === 'context' && source === '/');
}

/** What a cache begins with: the layers it is taken from, and the place in them. */
export function cacheSeed(env: BuildEnv, stackOf: StackOf, from: MountSource, source: string): KeyPart {
  if (from.kind === 'scratch') return ['scratch', source];
  const stack = stackOf(from);
  if (stack === undefined) return ['context', sourceDigest(env, stackOf, from, source)];
  return ['layers', stack[stack.length - 1]?.chainId ?? null, source];
}
