import { type BuildWindow, holds, parseRfc3339 } from './build-window.ts';
import { describeLayer, HAS_BUILD_TIME, hasBuildTime, isCommitted, type LayerDescription } from './describe-layer.ts';
import { normaliseConfig } from './normalise-config.ts';
import { allImageIds, diffIdsOf, readStoredImage, type StoredImage } from './stored-image.ts';

/** An image and the images it was made from, in a form that is equal for both tools exactly when they did the same. */
export interface ImageDescription {
  /** Configs from the newest image down to the base, which is left out: classic leaves one for every step. */
  readonly configs: readonly (readonly string[])[];
  readonly metadata: readonly (readonly string[])[];
  readonly layers: readonly LayerDescription[];
}

/** Describes the image and, through `imagedb/metadata/…/parent`, those that the build left below it. */
export function describeImage(
  dataRoot: string,
  id: string,
  baseIds: ReadonlySet<string>,
  window: BuildWindow,
): ImageDescription {
  const chain: StoredImage[] = [];
  for (let next: string | undefined = id; next !== undefined && !baseIds.has(next); next = chain.at(-1)?.parent) {
    chain.push(readStoredImage(dataRoot, next));
  }
  const newest = chain[0];
  if (newest === undefined) return { configs: [[`is the base image ${id}`]], metadata: [], layers: [] };
  const images = new Map(chain.map(({ id }, index) => [id, `<image ${chain.length - index} of the build>`] as const));
  const layers = newest.layers.map((layer) => (hasBuildTime(layer, window) ? HAS_BUILD_TIME : layer.diffId));
  const baseChains = new Set(
    [...baseIds].flatMap((base) => readStoredImage(dataRoot, base).layers.map((layer) => layer.chainId)),
  );
  const top = newest.layers.at(-1);
  return {
    configs: chain.map((image) => normaliseConfig(image.config, { images, layers, window })),
    metadata: chain.map((image) => describeMetadata(image, images, window)),
    layers: newest.layers
      .map((layer, index) => ({ layer, below: newest.layers.slice(0, index) }))
      .filter(({ layer }) => !baseChains.has(layer.chainId))
      .map(({ layer, below }) =>
        describeLayer(layer, below, window, layer === top && isStageToo(dataRoot, newest, images, window)),
      ),
  };
}

/**
 * Whether the newest layer is also that of an image which the build made beside this one: the classic builder's image of a stage
 * that COPY --from took the same files of. Where both steps fall into one second they are one layer, which has had a child (what
 * COPY --from mounted) and says so; where a second begins between them they are two, and this one has none. Docker leaves
 * either, as the clock has it.
 */
function isStageToo(
  dataRoot: string,
  { layers }: StoredImage,
  images: ReadonlyMap<string, string>,
  window: BuildWindow,
): boolean {
  const top = layers.at(-1);
  if (top === undefined || !hasBuildTime(top, window) || !isCommitted(top)) return false;
  const wanted = JSON.stringify(layers.map(({ diffId }) => diffId));
  return allImageIds(dataRoot).some((id) => !images.has(id) && JSON.stringify(diffIdsOf(dataRoot, id)) === wanted);
}

function describeMetadata(
  image: StoredImage,
  images: ReadonlyMap<string, string>,
  window: BuildWindow,
): readonly string[] {
  return [...image.metadata].map(([name, { text, mode }]) => {
    const isTime = name === 'lastUpdated' && holds(window, parseRfc3339(text));
    const shown = isTime ? `<time>${text.replace(/^.*?(Z|[+-]\d\d:\d\d)$/, '$1')}` : (images.get(text) ?? text);
    return `${mode.toString(8)} ${name} ${JSON.stringify(shown)}`;
  });
}
