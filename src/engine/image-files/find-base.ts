import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ImageConfig } from '../../formats/image-config.ts';
import type { Store } from '../../store/store.ts';
import { imageNames } from '../image-facts.ts';
import { findImage, resolveImage, tryParseReference } from '../resolve-image.ts';

/** The part of an image that was there before its Dockerfile began. */
export interface BaseOfImage {
  /** A name of the base image; its id where it has none. */
  readonly name: string;
  /** How many of the image's layers are the base's. */
  readonly layers: number;
  /** How many rows of the image's history are the base's. */
  readonly rows: number;
}

/** Whether `image` begins with all layers and rows of `base`, and goes on. */
function standsOn(image: ImageConfig, base: ImageConfig): boolean {
  return (
    base.diffIds.length <= image.diffIds.length &&
    base.history.length < image.history.length &&
    base.diffIds.every((id, at) => image.diffIds[at] === id) &&
    base.history.every((row, at) => row.createdBy === image.history[at]?.createdBy)
  );
}

/**
 * What an image stands on: the image that is named, or else the largest one of the data-root that has a name and whose layers
 * and history are the beginning of this one's. Undefined where there is none. Throws LL_NOT_FOUND for a name that is not
 * there, LL_USAGE for an image that is no beginning of this one.
 */
export function findBase(store: Store, image: ImageConfig, named: string | undefined): BaseOfImage | undefined {
  if (named !== undefined) {
    resolveImage(store, named);
    const base = baseNamed(store, image, named);
    if (base === undefined) {
      throw new LayerlabError('LL_USAGE', `${named} is not what the image stands on`, {
        hint: 'Name the image of its FROM line, or leave --base out.',
      });
    }
    return base;
  }
  let best: BaseOfImage | undefined;
  for (const id of store.images.list()) {
    const [name] = imageNames(store, id).tags;
    if (name === undefined || tryParseReference(name) === undefined) continue;
    const config = readable(() => store.images.config(id));
    if (config === undefined || config.diffIds.length === 0 || !standsOn(image, config)) continue;
    if (best === undefined || config.history.length > best.rows) {
      best = { name, layers: config.diffIds.length, rows: config.history.length };
    }
  }
  return best;
}

/** The image of this name as the base of `image`; undefined where it is not there, or is no beginning of this one. */
export function baseNamed(store: Store, image: ImageConfig, name: string): BaseOfImage | undefined {
  const id = findImage(store, name);
  const config = id === undefined ? undefined : store.images.config(id);
  if (config === undefined || !beginsWith(image, config)) return undefined;
  return { name, layers: config.diffIds.length, rows: config.history.length };
}

/** A named base may have no history of its own, as an imported one: its layers alone decide. */
function beginsWith(image: ImageConfig, base: ImageConfig): boolean {
  return base.diffIds.every((id, at) => image.diffIds[at] === id);
}

/** Another image of the data-root may be damaged: then it is not this one's base. */
function readable<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    if (error instanceof LayerlabError) return undefined;
    throw error;
  }
}
