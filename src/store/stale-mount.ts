import { lstatSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { MNT_DETACH, UMOUNT_NOFOLLOW, umount } from '../host/syscalls.ts';

/** Takes away a merged view that a killed process left mounted below a snapshot's folder, so that it can be removed. */
export function detachMerged(dir: ByteString): void {
  if (process.platform !== 'linux') return;
  const merged = lstatSync(fsPath(`${dir}/merged`), { throwIfNoEntry: false });
  if (merged === undefined || !merged.isDirectory()) return;
  if (merged.dev !== lstatSync(fsPath(dir)).dev) umount(`${dir}/merged`, MNT_DETACH | UMOUNT_NOFOLLOW);
}
