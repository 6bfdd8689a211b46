import { LayerlabError } from '../../errors/layerlab-error.ts';
import { emptyContainerConfig } from '../../formats/container-config.ts';
import type { BaseImage, Platform } from '../../planner/plan-options.ts';
import { platformOf } from '../build/base-images.ts';
import { openForReading } from '../open-for-reading.ts';
import { findImage } from '../resolve-image.ts';

/** What a plan wants to know of a base image. */
export interface BaseFact {
  readonly image: BaseImage;
  readonly layers: number;
  readonly platform: Platform;
}

/** Looks base images up once each; undefined where there is none of that name. */
export interface BaseFacts {
  find(reference: string): BaseFact | undefined;
}

/** Opens a data-root for reading alone: no lock, no lease, and none need be there. */
export function openBaseFacts(dataRoot: string): BaseFacts {
  const store = openForReading(dataRoot);
  const known = new Map<string, BaseFact | undefined>();
  const lookUp = (reference: string): BaseFact | undefined => {
    const id = findIfNamed(reference, (text) => findImage(store, text));
    const image = id === undefined ? undefined : store.images.config(id);
    if (image === undefined) return undefined;
    return {
      image: { config: image.config ?? emptyContainerConfig, author: image.author },
      layers: image.diffIds.length,
      platform: platformOf(image),
    };
  };
  return {
    find: (reference) => {
      if (!known.has(reference)) known.set(reference, lookUp(reference));
      return known.get(reference);
    },
  };
}

/** A stage that is not built may have a base that is no name at all, which no build would notice. */
function findIfNamed<T>(reference: string, find: (reference: string) => T): T | undefined {
  try {
    return find(reference);
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_REFERENCE') return undefined;
    throw error;
  }
}
