import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type Digest, hexOf } from '../../formats/digest.ts';
import type { ImageConfig } from '../../formats/image-config.ts';
import type { LayerRecord } from '../../store/layerdb.ts';
import type { ContainerRecord } from '../../store/mounts.ts';
import type { Store } from '../../store/store.ts';
import { findImage } from '../resolve-image.ts';
import { findContainer } from './find-container.ts';

/** What a user wants to look at. */
export type Subject =
  | { readonly kind: 'image'; readonly id: Digest; readonly config: ImageConfig }
  /** A folder of `overlay2/`; with its record, where it is a committed layer. */
  | { readonly kind: 'layer'; readonly cacheId: string; readonly record: LayerRecord | undefined }
  | { readonly kind: 'container'; readonly container: ContainerRecord };

/**
 * Finds what a text means: a container by name or id, an image by name or id, the unambiguous beginning of a container's id; then a
 * layer by chain_id, diff_id or cache-id, or the unambiguous beginning of one. Throws LL_NOT_FOUND.
 */
export function findSubject(store: Store, text: string): Subject {
  const container = findContainer(store, text);
  const image = container?.exact === true ? undefined : tryImage(store, text);
  if (image !== undefined) {
    const config = store.images.config(image);
    if (config !== undefined) return { kind: 'image', id: image, config };
  }
  if (container !== undefined) return { kind: 'container', container: container.record };
  const layer = findLayer(store, text);
  if (layer !== undefined) return layer;
  throw new LayerlabError('LL_NOT_FOUND', `No such image, container or layer: ${text}`);
}

/** An image, by name or id. Throws LL_NOT_FOUND, also where the text means something else. */
export function findImageSubject(store: Store, text: string): Extract<Subject, { kind: 'image' }> {
  const id = findImage(store, text);
  const config = id === undefined ? undefined : store.images.config(id);
  if (id === undefined || config === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such image: ${text}`);
  return { kind: 'image', id, config };
}

/** As `findImage`; a text that can be no image's name is one of none. */
export function tryImage(store: Store, text: string): Digest | undefined {
  try {
    return findImage(store, text);
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_REFERENCE') return undefined;
    throw error;
  }
}

function findLayer(store: Store, text: string): Subject | undefined {
  const prefix = text.startsWith('sha256:') ? text.slice(7) : text;
  if (!/^[0-9a-z]{1,64}(?:-init)?$/.test(prefix)) return undefined;
  const records = store.layers.list();
  const ways: readonly ((record: LayerRecord) => string)[] = [
    ({ chainId }) => hexOf(chainId),
    ({ cacheId }) => cacheId,
    ({ diffId }) => hexOf(diffId),
  ];
  for (const way of ways) {
    const found = records.filter((record) => way(record).startsWith(prefix));
    // One diff_id may stand in several chains: then it is the same change.
    const [record, ...others] = found;
    if (record === undefined) continue;
    if (others.some((other) => way(other) !== way(record))) throw ambiguous(text, found.length);
    return { kind: 'layer', cacheId: record.cacheId, record };
  }
  const folders = store.overlay.list().filter((cacheId) => cacheId.startsWith(prefix));
  const exact = folders.find((cacheId) => cacheId === prefix) ?? folders[0];
  if (exact === undefined) return undefined;
  // The -init folder of a container begins like the container's own.
  if (folders.some((cacheId) => cacheId !== exact && cacheId !== `${exact}-init`))
    throw ambiguous(text, folders.length);
  return { kind: 'layer', cacheId: exact, record: undefined };
}

function ambiguous(text: string, count: number): LayerlabError {
  return new LayerlabError('LL_NOT_FOUND', `${count} layers begin with ${text}: give more of the id`);
}
