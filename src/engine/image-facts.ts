import type { Digest } from '../formats/digest.ts';
import { type GoTime, parseGoTime } from '../formats/go-time.ts';
import type { ImageConfig } from '../formats/image-config.ts';
import { chainOf, chainsOf } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';
import { isCanonicalName } from './resolve-image.ts';

/** When an image was made; undefined where it does not say, or says what is no time. */
export function createdTime(created: string | undefined): GoTime | undefined {
  if (created === undefined) return undefined;
  try {
    const time = parseGoTime(created);
    return isZeroTime(time) ? undefined : time;
  } catch {
    return undefined;
  }
}

/** Bytes of all layers of an image, as docker counts them. Throws LL_CORRUPT where a layer is missing. */
export function imageSize(store: Store, image: Pick<ImageConfig, 'diffIds'>): number {
  const top = chainOf(image.diffIds);
  if (top === undefined) return 0;
  return store.layers.chain(top).reduce((sum, layer) => sum + layer.size, 0);
}

/** As `imageSize` for one image after the other, each layer read once: for listings. */
export function imageSizes(store: Store): (image: Pick<ImageConfig, 'diffIds'>) => number {
  const known = new Map<Digest, number>();
  return ({ diffIds }) => {
    const chains = chainsOf(diffIds);
    let size = 0;
    for (const chain of chains) {
      size = known.get(chain) ?? size + store.layers.require(chain).size;
      known.set(chain, size);
    }
    return size;
  };
}

/** Names of an image, those with a tag and those by digest, each sorted. */
export interface ImageNames {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

export function imageNames(store: Store, id: Digest): ImageNames {
  return splitNames(store.references.byImage(id).map(({ reference }) => reference));
}

/** As `imageNames` for one image after the other, all read when the first is asked for: for listings. */
export function allImageNames(store: Store): (id: Digest) => ImageNames {
  let known: ReadonlyMap<Digest, readonly string[]> | undefined;
  return (id) => {
    known ??= namesById(store);
    return splitNames(known.get(id) ?? []);
  };
}

function namesById(store: Store): ReadonlyMap<Digest, readonly string[]> {
  const byId = new Map<Digest, string[]>();
  for (const { id, reference } of store.references.list()) {
    const names = byId.get(id);
    if (names === undefined) byId.set(id, [reference]);
    else names.push(reference);
  }
  return byId;
}

function splitNames(names: readonly string[]): ImageNames {
  return { tags: names.filter((name) => !isCanonicalName(name)), digests: names.filter(isCanonicalName) };
}

/** Ids of the images that some other image names as its parent. */
export function imagesWithChildren(store: Store): ReadonlySet<Digest> {
  return new Set(store.images.list().flatMap((id) => store.images.parent(id) ?? []));
}

/** Go's zero time, the year 1: "not set". */
function isZeroTime(time: GoTime): boolean {
  return time.seconds === -62135596800 && time.nanos === 0;
}
