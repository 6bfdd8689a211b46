import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { makeDevice, mknod, S_IFCHR, setTimes } from '../../host/syscalls.ts';
import { type Baseline, isUntouched, rebase } from './baseline.ts';
import { copyMetadata } from './copy-tree.ts';
import { lstatOrUndefined, resolveInRoot } from './in-root.ts';
import { DEVICES } from './run-in-chroot.ts';

/** Takes a stand-in away and puts back what was there, without a trace in the baseline. */
export type Restore = () => void;

/** Whether a path still leads where it led before the command ran: nothing outside the root is to be touched. */
function isStillThere(root: ByteString, path: ByteString): boolean {
  const parent = posix.dirname(path);
  return resolveInRoot(root, parent.slice(root.length)) === parent && lstatOrUndefined(parent)?.isDirectory() === true;
}

/**
 * Without mounts, what a container has mounted stands in for what the image has there while the command runs. `folder` is
 * moved over the folder at `path` (both absolute, no links); what was there waits at `folder` + `-kept`.
 */
export function standInFolder(root: ByteString, path: ByteString, folder: ByteString, baseline: Baseline): Restore {
  const kept = `${folder}-kept`;
  const parent = posix.dirname(path);
  const relative = relativeTo(root);
  const untouched = [path, parent].filter((at) =>
    isUntouched(baseline.entries.get(relative(at)), lstatSync(fsPath(at), { bigint: true })),
  );
  const times = lstatSync(fsPath(parent), { bigint: true });
  renameSync(fsPath(path), fsPath(kept));
  renameSync(fsPath(folder), fsPath(path));
  const during = lstatSync(fsPath(parent), { bigint: true });
  return () => {
    if (!isStillThere(root, path)) return;
    const after = lstatSync(fsPath(parent), { bigint: true });
    rmSync(fsPath(path), { recursive: true, force: true });
    renameSync(fsPath(kept), fsPath(path));
    const parentChanged = after.mtimeNs !== during.mtimeNs || after.mode !== during.mode;
    if (parentChanged) setTimes(parent, after.atimeNs, after.mtimeNs);
    else setTimes(parent, times.atimeNs, times.mtimeNs);
    for (const at of untouched) {
      if (at === path || !parentChanged) rebase(root, relative(at), baseline);
    }
  };
}

/** The same for a file: its content is exchanged and put back, so its inode stays. */
export function standInFile(root: ByteString, path: ByteString, content: ByteString, baseline: Baseline): Restore {
  const before = lstatOrUndefined(path);
  if (before?.isFile() !== true) return () => {};
  const stats = lstatSync(fsPath(path), { bigint: true });
  const relative = relativeTo(root)(path);
  const untouched = isUntouched(baseline.entries.get(relative), stats);
  const original = readFileSync(fsPath(path));
  writeFileSync(fsPath(path), readFileSync(fsPath(content)));
  return () => {
    if (!isStillThere(root, path)) return;
    const found = lstatOrUndefined(path);
    if (found !== undefined && !found.isFile()) rmSync(fsPath(path), { recursive: true, force: true });
    writeFileSync(fsPath(path), original);
    copyMetadata(path, path, stats);
    if (untouched) rebase(root, relative, baseline);
  };
}

function relativeTo(root: ByteString): (path: ByteString) => ByteString {
  return (path) => path.slice(root.length + 1);
}

/** A /dev for a command without mounts: the devices that any program expects. */
export function makeDeviceFolder(folder: ByteString): void {
  const make = (path: ByteString, mode: number): void => {
    mkdirSync(fsPath(path));
    chmodSync(fsPath(path), mode);
  };
  make(folder, 0o755);
  for (const [name, major, minor] of DEVICES) {
    mknod(`${folder}/${name}`, S_IFCHR | 0o600, makeDevice(major, minor));
    chmodSync(fsPath(`${folder}/${name}`), 0o666);
  }
  make(`${folder}/shm`, 0o1777);
  make(`${folder}/pts`, 0o755);
  symlinkSync('/proc/self/fd', fsPath(`${folder}/fd`));
}
