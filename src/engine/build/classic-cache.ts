import { sameStep } from '../../executor/cache/compare-configs.ts';
import type { ContainerConfig } from '../../formats/container-config.ts';
import type { Digest } from '../../formats/digest.ts';
import type { ImageConfig } from '../../formats/image-config.ts';
import type { Store } from '../../store/store.ts';
import type { BuiltMarks } from './built-marks.ts';

/** The classic builder's cache: the images themselves, each found by its parent and what it was made by. */
export interface ClassicCache {
  /** The newest image built here that made this step of this parent (undefined: FROM scratch). */
  find(
    parent: Digest | undefined,
    step: ContainerConfig,
    platform: { os: string; architecture: string },
  ): Digest | undefined;
  /** Tells of an image that this build made. */
  add(id: Digest, parent: Digest | undefined): void;
}

/** Only images that are marked as built here count, so that none that was loaded can pose as a step (CVE-2024-24557). */
export function openClassicCache(store: Store, marks: BuiltMarks): ClassicCache {
  const children = new Map<Digest | undefined, Digest[]>();
  const add = (id: Digest, parent: Digest | undefined): void => {
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [id]);
    else known.push(id);
  };
  for (const id of store.images.list()) if (marks.has(id)) add(id, store.images.parent(id));
  return {
    add,
    find: (parent, step, platform) => {
      let best: { id: Digest; image: ImageConfig } | undefined;
      for (const id of children.get(parent) ?? []) {
        const image = store.images.config(id);
        if (image?.containerConfig === undefined || !sameStep(image.containerConfig, step)) continue;
        if (image.os !== platform.os || image.architecture !== platform.architecture) continue;
        if (best === undefined || (image.created ?? '') > (best.image.created ?? '')) best = { id, image };
      }
      return best?.id;
    },
  };
}
