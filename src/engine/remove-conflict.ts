import { LayerlabError } from '../errors/layerlab-error.ts';
import { type Digest, hexOf } from '../formats/digest.ts';
import type { Store } from '../store/store.ts';

/** What may speak against removing an image (moby daemon/images/image_delete.go conflictType). */
export interface ConflictKinds {
  readonly dependentChild: boolean;
  readonly running: boolean;
  readonly activeReference: boolean;
  readonly stopped: boolean;
}

export interface Conflict {
  readonly error: LayerlabError;
  /** A container or a build uses the image. */
  readonly used: boolean;
}

/** Short form of an id, as docker shows it. */
export function shortId(id: string): string {
  return (id.startsWith('sha256:') ? id.slice(7) : id).slice(0, 12);
}

/** The first conflict of these kinds, in docker's order and words; call it under the store's lock. */
export function findConflict(store: Store, id: Digest, kinds: ConflictKinds): Conflict | undefined {
  if (kinds.dependentChild && store.images.list().some((other) => store.images.parent(other) === id)) {
    return conflict(id, true, false, 'image has dependent child images');
  }
  if (kinds.running) {
    if (store.leases().held.has(id)) return conflict(id, true, true, 'image is being used by a running build');
    const running = store.mounts.containers().find((container) => container.image === id && container.running);
    if (running !== undefined) {
      return conflict(id, true, true, `image is being used by running container ${shortId(running.id)}`);
    }
  }
  if (kinds.activeReference && store.references.byImage(id).length > 0) {
    return conflict(id, false, false, 'image is referenced in multiple repositories');
  }
  if (kinds.stopped) {
    const stopped = store.mounts.containers().find((container) => container.image === id && !container.running);
    if (stopped !== undefined) {
      return conflict(id, false, true, `image is being used by stopped container ${shortId(stopped.id)}`);
    }
  }
  return undefined;
}

function conflict(id: Digest, hard: boolean, used: boolean, why: string): Conflict {
  const force = hard ? 'cannot be forced' : 'must be forced';
  const message = `conflict: unable to delete ${hexOf(id).slice(0, 12)} (${force}) - ${why}`;
  return { error: new LayerlabError('LL_CONFLICT', message), used };
}
