import { chainId, type Digest } from '../../formats/digest.ts';
import { digestIn } from './record.ts';
import type { Survey } from './survey.ts';

/** What other records say of a layer, for where its own are lost. */
export interface LayerClues {
  /** By the config of an image that stands on the layer, or by its own record where that gives its name. */
  diffId(layer: string): Digest | undefined;
  parent(layer: string): Digest | undefined;
  /** Ids (64 hex digits) of the images that stand on a layer. */
  images(layer: string): readonly string[];
}

/** Collects the clues. A config that hashes to its name is proof: every chain id that follows from it is right. */
export function collectClues({ images, layers }: Survey): LayerClues {
  const found = new Map<string, { readonly diffId: Digest; readonly parent: Digest | undefined }>();
  const users = new Map<string, string[]>();
  for (const image of images.values()) {
    if (!image.digestFits) continue;
    let parent: Digest | undefined;
    for (const diffId of image.config?.diffIds ?? []) {
      const chain = chainId(parent, diffId);
      found.set(chain.slice(7), { diffId, parent });
      const standing = users.get(chain.slice(7)) ?? [];
      standing.push(image.name);
      users.set(chain.slice(7), standing);
      parent = chain;
    }
  }
  /** A parent that was lost, for a layer of no image: one of the layers that are there gives the name, or none does. */
  const searched = (name: string): Digest | undefined => {
    const diffId = digestIn(layers.get(name)?.diff);
    if (diffId === undefined || diffId === `sha256:${name}`) return undefined;
    for (const other of layers.keys()) {
      if (chainId(`sha256:${other}`, diffId) === `sha256:${name}`) return `sha256:${other}`;
    }
    return undefined;
  };
  return {
    diffId: (layer) => found.get(layer)?.diffId,
    parent: (layer) => (found.has(layer) ? found.get(layer)?.parent : searched(layer)),
    images: (layer) => users.get(layer) ?? [],
  };
}
