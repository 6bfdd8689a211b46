import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';

/**
 * Removes a folder with all that is in it; nothing there is fine. Links are removed, never followed. Folders that their owner
 * may not enter are opened first, as a user without root's rights has to.
 */
export function removeTree(path: ByteString): void {
  try {
    rmSync(fsPath(path), { recursive: true, force: true });
    return;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EACCES' && errno !== 'EPERM' && errno !== 'ENOTEMPTY') {
      throw ioError(error, `removing ${fromByteString(path)}`);
    }
  }
  try {
    openFolders(path);
    rmSync(fsPath(path), { recursive: true, force: true });
  } catch (error) {
    throw ioError(error, `removing ${fromByteString(path)}`);
  }
}

function openFolders(root: ByteString): void {
  const pending = [root];
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    const stat = lstatSync(fsPath(dir), { throwIfNoEntry: false });
    if (stat === undefined || !stat.isDirectory()) continue;
    if ((stat.mode & 0o700) !== 0o700) chmodSync(fsPath(dir), (stat.mode & 0o7777) | 0o700);
    for (const entry of readdirSync(fsPath(dir), { encoding: 'latin1', withFileTypes: true })) {
      if (entry.isDirectory()) pending.push(`${dir}/${entry.name}`);
    }
  }
}
