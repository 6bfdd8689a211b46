import { lstatSync, readdirSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';

/**
 * Bytes of a tree as moby states a layer's size (pkg/directory.Size): every file once whatever its number of names, symbolic
 * links by the length of their text, folders nothing.
 */
export function diskSize(root: ByteString): number {
  const seen = new Set<string>();
  const pending = [root];
  let size = 0;
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    for (const entry of readdirSync(fsPath(dir), { encoding: 'latin1', withFileTypes: true })) {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory()) {
        pending.push(path);
        continue;
      }
      const stat = lstatSync(fsPath(path));
      if (stat.nlink > 1) {
        const inode = `${stat.dev}:${stat.ino}`;
        if (seen.has(inode)) continue;
        seen.add(inode);
      }
      size += stat.size;
    }
  }
  return size;
}
