import { closeSync, lstatSync, openSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { setTimes } from '../../host/syscalls.ts';
import { lstatOrUndefined, mkdirInRoot, resolveInRoot } from './in-root.ts';

/** The two files that BuildKit mounts over those of the image, and takes their stubs away again. */
const FILES = ['/etc/resolv.conf', '/etc/hosts'] as const;
const FOLDERS = ['/proc', '/dev', '/sys'] as const;

/**
 * The places where BuildKit (executor/stubs.go) will take stubs away after a RUN: of each file what is not there yet,
 * itself and, if `recursive`, the folders above. Relative to the root, with a leading slash. To be asked before anything
 * is made.
 *
 * @param others what else will be mounted on
 */
export function missingStubs(
  root: ByteString,
  recursive: boolean,
  others: readonly ByteString[] = [],
): readonly ByteString[] {
  const missing: ByteString[] = [];
  for (const name of [...FILES, ...others]) {
    let path = resolveInRoot(root, name);
    while (path.length > root.length && lstatOrUndefined(path) === undefined) {
      missing.push(path.slice(root.length));
      if (!recursive) break;
      path = posix.dirname(path);
    }
  }
  return missing;
}

/**
 * Makes what runc would make to have something to mount on: /proc, /dev, /sys and the two files, links followed inside
 * the root. We make them so that every runtime leaves the same. A place that cannot be made is left to the runtime to
 * complain about.
 */
export function makeMountStubs(root: ByteString): void {
  for (const name of FOLDERS) attempt(() => mkdirInRoot(root, resolveInRoot(root, name), () => {}));
  for (const name of FILES) attempt(() => makeFileStub(root, name));
}

/** Makes an empty file, 0755, where nothing is, with the folders above it. */
export function makeFileStub(root: ByteString, name: ByteString): void {
  const path = resolveInRoot(root, name);
  if (lstatOrUndefined(path) !== undefined) return;
  mkdirInRoot(root, posix.dirname(path), () => {});
  closeSync(openSync(fsPath(path), 'wx', 0o755));
}

/**
 * Takes the stubs away that are still empty (BuildKit executor/stubs.go). If `recursive`, folders too, and the folder around
 * keeps the times it has by then, so it shows when the stub was made.
 */
export function removeMountStubs(root: ByteString, missing: readonly ByteString[], recursive: boolean): void {
  for (const name of missing) {
    attempt(() => {
      const path = resolveInRoot(root, name);
      if (path === root) return;
      const stats = lstatSync(fsPath(path));
      // An older BuildKit asks for the size alone, which no folder is without.
      if (stats.isDirectory() && !recursive) return;
      if (stats.isDirectory() ? readdirSync(fsPath(path)).length > 0 : stats.size > 0) return;
      const parent = posix.dirname(path);
      const { atimeNs, mtimeNs } = statSync(fsPath(parent), { bigint: true });
      if (stats.isDirectory()) rmdirSync(fsPath(path));
      else unlinkSync(fsPath(path));
      if (recursive) setTimes(parent, atimeNs, mtimeNs);
    });
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // As BuildKit: what is in the way of a stub is the runtime's to report, and one that stays is no failure.
  }
}
