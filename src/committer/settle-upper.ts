import { readdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { setTimes } from '../host/syscalls.ts';
import { lremovexattr } from '../host/xattrs.ts';
import { isWhiteout, lstatNode } from '../snapshot/disk-node.ts';
import { boundTime } from './bound-time.ts';

export interface SettleOptions {
  /** No time is later than this, nanoseconds. */
  readonly latestTime: bigint | undefined;
  /** Times in whole seconds, and no extended attributes but file capabilities: as after a way through a tar. */
  readonly asFromTar: boolean;
}

const NS = 1_000_000_000n;

/**
 * Brings the times of a change that lies on the disk in order: bounded before it is hashed; as from its tar, which may hold
 * times that unpacking does not set, afterwards.
 */
export function settleUpper(upper: ByteString, options: SettleOptions): void {
  const walk = (dir: ByteString): void => {
    for (const name of readdirSync(fsPath(dir), { encoding: 'latin1' })) {
      const path = `${dir}/${name}`;
      const node = lstatNode(path);
      if (node === undefined) continue;
      if (node.kind === 'dir') walk(path);
      if (options.asFromTar && node.kind !== 'socket') {
        for (const xattr of node.xattrs().keys()) if (xattr !== 'security.capability') lremovexattr(path, xattr);
      }
      const { latestTime } = options;
      let time = latestTime !== undefined && node.mtime > latestTime ? latestTime : node.mtime;
      if (options.asFromTar && !isWhiteout(node)) time = boundTime(time - (((time % NS) + NS) % NS));
      if (time !== node.mtime) setTimes(path, time, time);
    }
  };
  walk(upper);
}
