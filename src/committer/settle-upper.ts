import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { makeWhiteout, setTimes } from '../host/syscalls.ts';
import { lremovexattr } from '../host/xattrs.ts';
import { isWhiteout, lstatNode } from '../snapshot/disk-node.ts';
import { boundTime } from './bound-time.ts';

export interface SettleOptions {
  /** No time is later than this, nanoseconds. */
  readonly latestTime: bigint | undefined;
  /** Times in whole seconds, and no extended attributes but file capabilities: as after a way through a tar. */
  readonly asFromTar: boolean;
  /** After a way through a tar: see `LayerFormat`. */
  readonly whiteoutsOwned: boolean;
}

const NS = 1_000_000_000n;

/**
 * Brings the times of a change that lies on the disk in order: bounded before it is hashed; as from its tar, which may hold
 * times that unpacking does not set, afterwards.
 */
export function settleUpper(upper: ByteString, options: SettleOptions): void {
  const handsDown = options.asFromTar && !options.whiteoutsOwned;
  /** Returns whether names in the folder were made anew. */
  const walk = (dir: ByteString): boolean => {
    const remakes = handsDown && dir !== upper && (lstatSync(fsPath(dir)).mode & 0o2000) !== 0;
    let remade = false;
    for (const name of readdirSync(fsPath(dir), { encoding: 'latin1' })) {
      const path = `${dir}/${name}`;
      const node = lstatNode(path);
      if (node === undefined) continue;
      const moved = node.kind === 'dir' && walk(path);
      if (remakes && isWhiteout(node)) {
        // The whiteouts of one mount are one file: the others keep what they are.
        unlinkSync(fsPath(path));
        makeWhiteout(path);
        remade = true;
        continue;
      }
      if (options.asFromTar && node.kind !== 'socket') {
        for (const xattr of node.xattrs().keys()) if (xattr !== 'security.capability') lremovexattr(path, xattr);
      }
      const { latestTime } = options;
      let time = latestTime !== undefined && node.mtime > latestTime ? latestTime : node.mtime;
      if (options.asFromTar && !isWhiteout(node)) time = boundTime(time - (((time % NS) + NS) % NS));
      if (moved || time !== node.mtime) setTimes(path, time, time);
    }
    return remade;
  };
  walk(upper);
}
