import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fsPath } from '../../formats/bytestring.ts';
import { type Digest, hexOf } from '../../formats/digest.ts';
import { ioError } from '../../host/io-error.ts';
import type { BuilderProfile } from '../../profiles/builder-profile.ts';
import { CACHE_FOLDER } from '../../store/pending-layers.ts';
import type { Store } from '../../store/store.ts';

/** Which images the classic builder made here. */
export interface BuiltMarks {
  has(id: Digest): boolean;
  put(id: Digest): void;
}

/**
 * The marks of the images that were built here: `builtLocally` beside the image's metadata, or, for a Docker version that
 * writes no such file, `layerlab/cache/built/<image id>`. Either way an image that was loaded has none.
 */
export function openBuiltMarks(store: Store, { builtLocallyMark, compat }: BuilderProfile): BuiltMarks {
  if (builtLocallyMark) return { has: store.images.builtLocally, put: store.images.setBuiltLocally };
  const folder = `${store.paths.own}/${CACHE_FOLDER}/built-${compat}`;
  return {
    has: (id) => existsSync(fsPath(`${folder}/${hexOf(id)}`)),
    put: (id) => {
      try {
        mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
        writeFileSync(fsPath(`${folder}/${hexOf(id)}`), '', { mode: 0o600 });
      } catch (error) {
        throw ioError(error, 'marking an image as built here');
      }
    },
  };
}
