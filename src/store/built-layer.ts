import type { Digest } from '../formats/digest.ts';

/** A layer that a step of a build made, recorded or not in layerdb yet. */
export interface BuiltLayer {
  readonly chainId: Digest;
  readonly diffId: Digest;
  readonly parent: Digest | undefined;
  readonly cacheId: string;
  readonly size: number;
  /** When the step made it, RFC 3339 with nanoseconds: what the history row says. Empty for a layer of an image that was there before. */
  readonly created: string;
}
