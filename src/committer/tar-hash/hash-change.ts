import type { Digest } from '../../formats/digest.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import { openHash } from '../hash-thread/stream-hash.ts';
import type { TarDialect } from '../tar-dialect.ts';
import { planTar } from './plan-tar.ts';
import type { TarHasher } from './tar-hasher.ts';
import { readTar, type TarRecipe } from './tar-recipe.ts';

export interface HashChangeOptions {
  readonly dialect: TarDialect;
  /** No time in the layer is later than this, nanoseconds. */
  readonly latestTime: bigint | undefined;
  /** Called with the bytes of content that were read so far. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** A thread that reads and hashes in place of this one. */
  readonly hasher?: TarHasher | undefined;
}

/**
 * The diff_id of the layer that `writeChange` would make of a change, without writing anything: every source is read. For
 * changes whose contents are files of their own, as those of a COPY.
 *
 * @returns undefined where a content lies elsewhere
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_RIGHT, LL_IO
 */
export async function hashChange(tree: ChangeTree, options: HashChangeOptions): Promise<Digest | undefined> {
  const { dialect, latestTime, signal, onBytes, hasher } = options;
  const planned = planTar(tree, dialect, latestTime);
  if (planned === undefined) return undefined;
  const here = (recipe: TarRecipe): Digest | undefined => hashHere(recipe, tree.contentSize(), signal, onBytes);
  const { recipe, bare } = planned;
  const digest = hasher === undefined ? here(recipe) : await hasher.hash(recipe);
  signal?.throwIfAborted();
  if (digest !== undefined) {
    for (const node of bare) node.setXattrs(noXattrs);
    return digest;
  }
  for (const node of bare) node.xattrs();
  const known = planTar(tree, dialect, latestTime);
  return known === undefined ? undefined : here(known.recipe);
}

function hashHere(
  recipe: TarRecipe,
  size: number,
  signal: AbortSignal | undefined,
  onBytes: ((bytes: number) => void) | undefined,
): Digest | undefined {
  const hash = openHash(size);
  try {
    const isRead = readTar(
      recipe,
      (bytes) => hash.update(bytes),
      () => signal?.aborted === true,
      onBytes,
    );
    return isRead ? `sha256:${hash.digest()}` : undefined;
  } finally {
    hash.abandon();
  }
}
