import { LayerlabError } from '../errors/layerlab-error.ts';
import type { BaseImage, PlanOptions, Platform } from './plan-options.ts';
import { formatPlatform } from './platforms.ts';

/** Looks base images up once each. Throws LL_NOT_FOUND. */
export function baseResolver(options: PlanOptions): (reference: string, platform?: Platform) => BaseImage {
  const known = new Map<string, BaseImage>();
  return (reference, platform) => {
    const key = platform === undefined ? reference : `${formatPlatform(platform)} ${reference}`;
    const image = known.get(key) ?? options.resolveBase(reference, platform);
    if (image === undefined) {
      throw new LayerlabError('LL_NOT_FOUND', `base image ${reference} is not in the data-root`, {
        hint: `Import or load it first, or use FROM scratch.`,
      });
    }
    known.set(key, image);
    return image;
  };
}
