import { LayerlabError } from '../errors/layerlab-error.ts';
import type { BaseImage, PlanOptions } from './plan-options.ts';

/** Looks base images up once each. Throws LL_NOT_FOUND. */
export function baseResolver(options: PlanOptions): (reference: string) => BaseImage {
  const known = new Map<string, BaseImage>();
  return (reference) => {
    const image = known.get(reference) ?? options.resolveBase(reference);
    if (image === undefined) {
      throw new LayerlabError('LL_NOT_FOUND', `base image ${reference} is not in the data-root`, {
        hint: `Import or load it first, or use FROM scratch.`,
      });
    }
    known.set(reference, image);
    return image;
  };
}
