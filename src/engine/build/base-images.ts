import { LayerlabError } from '../../errors/layerlab-error.ts';
import { emptyContainerConfig } from '../../formats/container-config.ts';
import type { Digest } from '../../formats/digest.ts';
import type { HistoryRow, ImageConfig } from '../../formats/image-config.ts';
import type { BaseImage, Platform } from '../../planner/plan-options.ts';
import { servesPlatform, wrongPlatform } from '../../planner/platforms.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import { chainOf } from '../../store/layerdb.ts';
import type { Store } from '../../store/store.ts';
import { findImage } from '../resolve-image.ts';

/** An image of the data-root that a build stands on or copies from. */
export interface StoredImage {
  readonly id: Digest;
  readonly config: ImageConfig;
  /** Base first. */
  readonly stack: readonly BuiltLayer[];
  readonly history: readonly HistoryRow[];
}

/** The images that a build refers to; each is looked up once, and held until the build ends. */
export interface BaseImages {
  /** Throws LL_NOT_FOUND, also for an image of another platform than the stage's (`platform`) or the build's. */
  require(reference: string, platform?: Platform): StoredImage;
  resolve(reference: string, platform?: Platform): BaseImage | undefined;
  /** An image by its id. */
  byId(id: Digest): StoredImage;
  /** Has an image stand under its id for this build whose layers are in the store, though it is not itself. */
  add(id: Digest, config: ImageConfig): void;
}

/** What an image is for; one that says nothing is for Linux. */
export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os: os || 'linux', architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Opens the images of a store. `wanted`: only those for this platform (BuildKit); undefined: whatever is there (classic). */
export function openBaseImages(store: Store, wanted?: Platform): BaseImages {
  const known = new Map<string, StoredImage | undefined>();
  const added = new Map<string, ImageConfig>();
  const byId = (id: Digest): StoredImage => {
    const config = added.get(id) ?? store.images.config(id);
    if (config === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such image: ${id}`);
    const top = chainOf(config.diffIds);
    const stack = top === undefined ? [] : store.layers.chain(top).map((layer) => ({ ...layer, created: '' }));
    store.lease().hold([id, ...stack.map(({ chainId }) => chainId)]);
    return { id, config, stack, history: config.history };
  };
  const find = (reference: string): StoredImage | undefined => {
    if (!known.has(reference)) {
      known.set(
        reference,
        store.lock(() => {
          const id = added.has(reference) ? (reference as Digest) : findImage(store, reference);
          return id === undefined ? undefined : byId(id);
        }),
      );
    }
    return known.get(reference);
  };
  const fitting = (reference: string, platform = wanted): StoredImage | undefined => {
    const image = find(reference);
    if (image === undefined || wanted === undefined || platform === undefined) return image;
    const has = platformOf(image.config);
    if (!servesPlatform(has, platform)) throw wrongPlatform(reference, has, platform);
    return image;
  };
  return {
    byId: (id) => store.lock(() => byId(id)),
    add: (id, config) => void added.set(id, config),
    require: (reference, platform) => {
      const image = fitting(reference, platform);
      if (image === undefined) throw noBase(reference);
      return image;
    },
    resolve: (reference, platform) => {
      const image = fitting(reference, platform);
      if (image === undefined) return undefined;
      return { config: image.config.config ?? emptyContainerConfig, author: image.config.author };
    },
  };
}

function noBase(reference: string): LayerlabError {
  return new LayerlabError('LL_NOT_FOUND', `No such image: ${reference}`, {
    hint: 'Images are not pulled: bring it in by `layerlab load` or `import`, or make layerlab/base by `layerlab base`.',
  });
}
