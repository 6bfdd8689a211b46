import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ContainerConfig, emptyContainerConfig } from '../../formats/container-config.ts';
import { type Digest, digestOf } from '../../formats/digest.ts';
import { encodeRestoredImage, type HistoryRow, type ImageConfig } from '../../formats/image-config.ts';
import { sameHistoryRow } from '../../formats/same-history-row.ts';
import type { BuilderProfile } from '../../profiles/builder-profile.ts';
import type { Store } from '../../store/store.ts';
import { findImage } from '../resolve-image.ts';
import type { ClassicCache } from './classic-cache.ts';

interface Source {
  readonly id: Digest;
  readonly image: ImageConfig;
}

/**
 * The classic builder's cache where images are named to take steps from (`--cache-from`; moby image/cache/cache.go): a step
 * of an image's history stands for one of this build where all rows and layers below are the parent's own, and an image for
 * it is made again. What was built here counts only where a named image stands on it. Names that are not there are passed over.
 */
export function cacheFromImages(
  store: Store,
  local: ClassicCache,
  names: readonly string[],
  profile: BuilderProfile,
): ClassicCache {
  let sources = names.flatMap((name) => findSource(store, name));
  return {
    add: (id, parent) => local.add(id, parent),
    find: (parent, step, platform) => {
      const known = local.find(parent, step, platform);
      if (known !== undefined && sources.some(({ id }) => standsOn(store, id, known))) return known;
      const below = parent === undefined ? undefined : store.images.config(parent);
      const rows = below?.history.length ?? 0;
      const text = (step.cmd ?? []).join(' ');
      const source = sources.find(
        ({ image }) => isBelow(below, image) && (image.history[rows]?.createdBy ?? '') === text,
      );
      if (source === undefined) return undefined;
      if (source.image.history.length - 1 === rows) {
        if (parent !== undefined && parent !== source.id) store.images.setParent(source.id, parent);
        return source.id;
      }
      // The rows that follow are taken of this image only.
      sources = [source];
      return restore(store, source.image, parent, below, { ...emptyContainerConfig, ...step }, profile);
    },
  };
}

function findSource(store: Store, name: string): readonly Source[] {
  try {
    const id = store.lock(() => {
      const found = findImage(store, name);
      if (found !== undefined) store.lease().hold([found]);
      return found;
    });
    const image = id === undefined ? undefined : store.images.config(id);
    return id === undefined || image === undefined || image.history.length === 0 ? [] : [{ id, image }];
  } catch (error) {
    if (error instanceof LayerlabError && (error.code === 'LL_REFERENCE' || error.code === 'LL_NOT_FOUND')) return [];
    throw error;
  }
}

/** Whether `above` stands on `below` by its recorded parents; a chain that leads in a circle ends. */
function standsOn(store: Store, above: Digest, below: Digest): boolean {
  const seen = new Set<Digest>();
  for (let next = store.images.parent(above); next !== undefined && !seen.has(next); next = store.images.parent(next)) {
    if (next === below) return true;
    seen.add(next);
  }
  return false;
}

function isBelow(parent: ImageConfig | undefined, image: ImageConfig): boolean {
  if (parent === undefined || (parent.history.length === 0 && parent.diffIds.length === 0)) return true;
  return (
    parent.history.length < image.history.length &&
    parent.diffIds.length <= image.diffIds.length &&
    parent.history.every((row, index) => sameHistoryRow(row, image.history[index])) &&
    parent.diffIds.every((diffId, index) => diffId === image.diffIds[index])
  );
}

/** The image of a step in the middle of another's history, with the step's own config as its config. */
function restore(
  store: Store,
  source: ImageConfig,
  parent: Digest | undefined,
  below: ImageConfig | undefined,
  config: ContainerConfig,
  { dockerVersion, configs }: BuilderProfile,
): Digest {
  const rows = below?.history ?? [];
  const row = source.history[rows.length] as HistoryRow;
  const layersBefore = source.history.slice(0, rows.length).filter(({ emptyLayer }) => emptyLayer !== true).length;
  const layer = row.emptyLayer === true ? undefined : source.diffIds[layersBefore];
  const restored: ImageConfig = {
    architecture: source.architecture,
    os: source.os,
    author: source.author,
    comment: '',
    created: row.created,
    container: '',
    containerConfig: emptyContainerConfig,
    config,
    dockerVersion,
    history: [...rows, row],
    diffIds: [...(below?.diffIds ?? []), ...(layer === undefined ? [] : [layer])],
    unknown: new Map(),
  };
  const bytes = encodeRestoredImage(restored, configs);
  store.lease().hold([digestOf(bytes)]);
  const id = store.images.create(bytes);
  if (parent !== undefined) store.images.setParent(id, parent);
  return id;
}
