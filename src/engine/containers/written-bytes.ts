import type { ByteString } from '../../formats/bytestring.ts';
import type { ContainerRecord } from '../../store/mounts.ts';
import type { Store } from '../../store/store.ts';
import { mountOf } from '../look/open-layers.ts';

/** Bytes that a container has written: every file of its `diff` once, links by the length of their text (moby directory.Size). */
export function writtenBytes(store: Store, record: ContainerRecord): number {
  const { files } = store;
  const seen = new Set<string>();
  const pending: ByteString[] = [store.overlay.diffPath(mountOf(store, record).mountId)];
  let bytes = 0;
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    for (const name of files.names(dir) ?? []) {
      const path = `${dir}/${name}`;
      const stat = files.lstat(path);
      if (stat === undefined || (stat.inode !== '' && seen.has(stat.inode))) continue;
      if (stat.inode !== '') seen.add(stat.inode);
      if (stat.kind === 'dir') pending.push(path);
      else bytes += stat.kind === 'symlink' ? (files.readlink(path)?.length ?? 0) : stat.size;
    }
  }
  return bytes;
}
