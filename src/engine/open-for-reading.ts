import { LayerlabError } from '../errors/layerlab-error.ts';
import { expectFewDigests } from '../formats/sha256.ts';
import { ioError } from '../host/io-error.ts';
import { assertReadable } from '../store/other-stores.ts';
import { openStore, type Store } from '../store/store.ts';
import { rootFilesOf } from './root-files-of.ts';

/**
 * Opens any data-root to look into it: a folder (layerlab's, a dockerd's dead or alive, a copy of one), or a plain tar of one that
 * stays packed. Writes nothing. Throws LL_DATA_ROOT for what is none, LL_OTHER_STORE where its images are kept in a way that is not
 * read, LL_NO_RIGHT, LL_TAR.
 */
export function openForReading(dataRoot: string): Store {
  expectFewDigests();
  try {
    const store = openStore(dataRoot, { mode: 'read', files: rootFilesOf(dataRoot) });
    assertReadable(store.files, store.paths);
    return store;
  } catch (cause) {
    const error = ioError(cause, `opening ${dataRoot}`);
    if (error.code !== 'LL_NO_RIGHT') throw error;
    throw new LayerlabError('LL_NO_RIGHT', `this user may not read ${dataRoot}`, {
      cause,
      hint: "A dockerd's data-root is closed to all but root. A tar or a copy of it can be given to others.",
    });
  }
}
