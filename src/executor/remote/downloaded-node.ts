import type { FileNode } from '../../snapshot/file-tree.ts';
import { madeFileNode } from '../../snapshot/made-file-node.ts';
import type { Download } from '../../transports/http-source.ts';

/** A downloaded file as ADD takes it: 0600, root's. `time` is in nanoseconds. */
export function downloadedNode({ path, size }: Download, time: bigint): FileNode {
  return madeFileNode({ path, size, mode: 0o600, time });
}
