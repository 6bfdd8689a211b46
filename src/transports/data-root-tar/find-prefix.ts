import type { ByteString } from '../../formats/bytestring.ts';
import type { TarIndex } from './tar-index.ts';

/** What says that a folder is a data-root, the surest first. */
const LANDMARKS: readonly (readonly ByteString[])[] = [
  ['image', 'overlay2'],
  ['image'],
  ['overlay2'],
  ['containers'],
  ['containerd', 'daemon'],
  ['io.containerd.metadata.v1.bolt'],
  ['io.containerd.snapshotter.v1.overlayfs'],
];
/** How far below the archive's root a data-root may lie. */
const MAX_DEPTH = 16;

/**
 * The folder of a tar that is the data-root: '' where the archive was made inside of it, `var/lib/docker` where it was made at the
 * host's root. The one nearest to the archive's root counts, as layers may hold data-roots of their own. Undefined where there
 * is none.
 */
export function findPrefix(index: TarIndex): ByteString | undefined {
  for (const landmark of LANDMARKS) {
    let level: ByteString[] = [''];
    for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
      const found = level.find((folder) => index.folders.has(join(folder, landmark.join('/'))));
      if (found !== undefined) return found;
      level = level.flatMap((folder) =>
        folder.endsWith('/diff')
          ? []
          : (index.folders.get(folder) ?? [])
              .map((name) => join(folder, name))
              .filter((path) => index.folders.has(path)),
      );
    }
  }
  return undefined;
}

function join(folder: ByteString, name: ByteString): ByteString {
  return folder === '' ? name : `${folder}/${name}`;
}
