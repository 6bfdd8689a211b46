import type { ImageConfig } from '../../formats/image-config.ts';
import type { BuilderName } from '../build-options.ts';

/**
 * Which builder made an image, as its newest history row tells: BuildKit signs its rows, the classic builder does not. An
 * image without history says nothing, and counts as BuildKit's.
 */
export function builderOfImage({ history }: ImageConfig): BuilderName {
  const last = history.at(-1);
  return last === undefined || last.comment === 'buildkit.dockerfile.v0' ? 'buildkit' : 'classic';
}
