import type { ChangeNode } from '../snapshot/change-node.ts';
import { boundTime } from './bound-time.ts';

/** In which form times, and extended attributes, go into a layer. */
export interface SettledForm {
  /** No time in the layer is later than this, nanoseconds. */
  readonly latestTime: bigint | undefined;
  /** Times in whole seconds, and no extended attributes but file capabilities: as after a way through a tar. */
  readonly asFromTar: boolean;
}

const NS = 1_000_000_000n;

/** Brings a node into the form in which it is written. To do so twice changes nothing. */
export function settleTimes(node: ChangeNode, { latestTime, asFromTar }: SettledForm): void {
  if (latestTime !== undefined) {
    if (node.mtime > latestTime) node.mtime = latestTime;
    if (node.atime > latestTime) node.atime = latestTime;
  }
  if (asFromTar) {
    node.setXattrs(new Map([...node.xattrs()].filter(([name]) => name === 'security.capability')));
    node.mtime = boundTime(node.mtime - (((node.mtime % NS) + NS) % NS));
    node.atime = node.mtime;
  }
}
