import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import type { RootFiles } from '../../host/root-files.ts';

/** Throws LL_DATA_ROOT where nothing that could be a data-root lies at a place; an empty folder is one without images. */
export function assertDataRoot(files: RootFiles, root: ByteString): void {
  const shown = fromByteString(root);
  const hint = 'Name the folder that dockerd calls its data-root by --data-root, e.g. /var/lib/docker.';
  if (files.lstat(root) === undefined) throw new LayerlabError('LL_DATA_ROOT', `${shown} is not there`, { hint });
  const names = files.names(root);
  if (names === undefined) throw new LayerlabError('LL_DATA_ROOT', `${shown} is not a folder`, { hint });
  const known = names.some((name) => ['image', 'overlay2', 'layerlab', 'engine-id', 'containers'].includes(name));
  if (!known && names.length > 0) throw new LayerlabError('LL_DATA_ROOT', `${shown} is no data-root`, { hint });
}
