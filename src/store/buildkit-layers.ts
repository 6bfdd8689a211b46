import { type Digest, hexOf } from '../formats/digest.ts';
import type { DataRootPaths } from './layout.ts';
import { readSmallFile } from './read-small-file.ts';

const DATABASES = ['snapshots.db', 'metadata_v2.db', 'cache.db', 'containerdmeta.db'];
const LIMIT = 1 << 30;

/**
 * Tells which layers the build cache of dockerd's BuildKit may refer to: their chain id stands in one of its databases.
 * A database may still hold what was deleted from it, so the answer errs towards "yes": a layer that is kept costs room, one
 * that is missing breaks every later build.
 */
export function buildkitLayers(paths: DataRootPaths): (chain: Digest) => boolean {
  const databases = DATABASES.flatMap((name) => readSmallFile(`${paths.root}/buildkit/${name}`, LIMIT) ?? []);
  return (chain) => databases.some((bytes) => bytes.includes(hexOf(chain), 0, 'latin1'));
}
