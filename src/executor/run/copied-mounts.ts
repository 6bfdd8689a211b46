import { chmodSync, copyFileSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { copyFile, copyTree } from './copy-tree.ts';
import { noPrivatePlace } from './private-files.ts';
import type { RunMountSpec, RunSpec } from './run-spec.ts';

/** A RUN whose mounts are copies of its own, and what has to be copied back when it has ended. */
export interface CopiedMounts {
  readonly spec: RunSpec;
  /** Where the contents of a cache belong, by the target they stand at. */
  readonly kept: ReadonlyMap<string, ByteString>;
}

/**
 * Makes copies of what a RUN mounts, for a host without mounts: they stand in at their targets. Nothing keeps a command
 * from writing into a read-only one, which changes the copy only. Throws LL_RUN_IMPOSSIBLE for secrets and agents.
 */
export function copyMounts(spec: RunSpec, scratch: ByteString): CopiedMounts {
  const kept = new Map<string, ByteString>();
  const mounts = (spec.mounts ?? []).map((mount, index): RunMountSpec => {
    if (mount.kind === 'secret') throw noPrivatePlace();
    if (mount.kind === 'socket') throw noSocket();
    const copy = `${scratch}/mount-${index}`;
    if (mount.kind === 'tmpfs') {
      mkdirSync(fsPath(copy), 0o755);
      chmodSync(fsPath(copy), 0o1777);
      return { kind: 'path', target: mount.target, source: copy, isFile: false, readonly: false, kept: false };
    }
    if (mount.kept && !mount.readonly) kept.set(mount.target, mount.source);
    if (mount.isFile) copyFile(mount.source, copy, lstatSync(fsPath(mount.source), { bigint: true }));
    else {
      mkdirSync(fsPath(copy), 0o755);
      copyTree(mount.source, copy);
    }
    return { ...mount, source: copy };
  });
  return { spec: { ...spec, mounts }, kept };
}

/** Puts what a command left in its copy of a cache into the cache itself, whole or not at all. */
export function copyBack(from: ByteString, to: ByteString): void {
  const stats = lstatSync(fsPath(from), { throwIfNoEntry: false });
  if (stats?.isFile() === true) copyFileSync(fsPath(from), fsPath(to));
  if (stats?.isDirectory() !== true) return;
  const [fresh, old] = [`${to}.new`, `${to}.old`];
  removeTree(fresh);
  removeTree(old);
  mkdirSync(fsPath(fresh), 0o700);
  copyTree(from, fresh);
  renameSync(fsPath(to), fsPath(old));
  renameSync(fsPath(fresh), fsPath(to));
  removeTree(old);
}

function noSocket(): LayerlabError {
  return new LayerlabError('LL_RUN_IMPOSSIBLE', 'An ssh agent cannot be mounted on this host', {
    hint: 'RUN --mount=type=ssh needs CAP_SYS_ADMIN: run as root outside of an unprivileged container.',
  });
}
