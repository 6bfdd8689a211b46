import { close, lstatSync, openSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';

/** Smaller files are gone in a moment. */
const LARGE = 16 * 1024 * 1024;
let moved = 0;

/**
 * Removes a folder that archives were unpacked into. To give the memory back that holds a large file takes the kernel 0.1 ms a
 * megabyte: such a file stays open until its name is gone, and is closed beside this thread. It has another folder by then: none can be
 * removed as long as one of its files is being closed.
 *
 * @param aside a name on the same file system that nobody uses, in a folder that stays
 */
export function removeStaging(folder: ByteString, aside: ByteString): void {
  const open: number[] = [];
  try {
    for (const name of readdirSync(fsPath(folder), { encoding: 'latin1' })) {
      const path = fsPath(`${folder}/${name}`);
      const { size } = lstatSync(path);
      if (size < LARGE) continue;
      const place = fsPath(`${aside}-${++moved}`);
      open.push(openSync(path, 'r'));
      renameSync(path, place);
      unlinkSync(place);
    }
  } catch {
    // What is still there takes the time that it takes.
  }
  try {
    rmSync(fsPath(folder), { recursive: true, force: true });
  } finally {
    for (const file of open) close(file, () => undefined);
  }
}
