import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import type { Owner } from './owner.ts';

export interface NewDir extends Owner {
  readonly mode: number;
  /** Nanoseconds; undefined: the time it is made. */
  readonly time: bigint | undefined;
  /** True: nobody gives the folder an owner once it is made, so one in a set-group folder keeps that one's group. */
  readonly keepsGroup?: boolean;
}

const SET_GROUP = 0o2000;

/**
 * Makes the folders of a path that are not there (mkdir -p); those that are stay as they are. Links on the way are
 * followed inside the tree. As mkdir(2) has it, a folder made in a set-group folder is one too.
 *
 * @returns the resolved names of the path
 * @throws LL_BUILD_FAILED where something on the way is no folder
 */
export function makeDirs(tree: ChangeTree, path: ByteString, dir: NewDir, now: () => bigint): readonly ByteString[] {
  const { components } = resolvePath(tree, path, true);
  for (let depth = 1; depth <= components.length; depth += 1) {
    const here = components.slice(0, depth);
    const node = tree.lookup(here);
    if (node?.kind === 'dir') continue;
    if (node !== undefined) {
      throw new LayerlabError('LL_BUILD_FAILED', `mkdir /${fromByteString(here.join('/'))}: not a directory`);
    }
    const parent = tree.lookup(here.slice(0, -1));
    const inherits = parent !== undefined && (parent.mode & SET_GROUP) !== 0;
    tree.makeDir(here, {
      kind: 'dir',
      mode: inherits ? dir.mode | SET_GROUP : dir.mode,
      uid: dir.uid,
      gid: inherits && dir.keepsGroup === true ? parent.gid : dir.gid,
      mtime: dir.time ?? now(),
    });
  }
  return components;
}
