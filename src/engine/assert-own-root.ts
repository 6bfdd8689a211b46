import { resolve } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';

/** What a data-root of others has; layerlab's own has the folder `layerlab/` beside them. */
const LANDMARKS = ['image', 'overlay2', 'containers', 'containerd', 'buildkit', 'volumes'];

/**
 * Guards trees that somebody else made: a data-root without the folder `layerlab/` is looked at and not changed, unless the user
 * says so. Throws LL_FOREIGN_ROOT; a folder that is missing, empty or no data-root passes (opening it tells more).
 */
export function assertOwnRoot(dataRoot: string): void {
  const root = toByteString(resolve(dataRoot));
  const names = diskRootFiles.names(root) ?? [];
  if (names.includes('layerlab') || !LANDMARKS.some((name) => names.includes(name))) return;
  throw new LayerlabError('LL_FOREIGN_ROOT', `${dataRoot} was not made by layerlab, and is only read`);
}
