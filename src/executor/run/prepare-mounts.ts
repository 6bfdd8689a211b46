import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import type { BindMount } from './bundle.ts';
import { lstatOrUndefined, mkdirInRoot, resolveInRoot } from './in-root.ts';
import { makeFileStub } from './mount-stubs.ts';
import type { PrivateFile } from './private-files.ts';
import type { RunMountSpec } from './run-spec.ts';
import { StartFailure } from './start-failure.ts';

/** The mounts of a RUN as a runtime is told them, and the files that they need in private. */
export interface PreparedMounts {
  readonly binds: readonly BindMount[];
  readonly files: readonly PrivateFile[];
}

const NOT_EXECUTABLE = 126;
/** The runtime mounts there itself: what is in the image's own folder does not show. */
const OWN = /^\/(dev|proc|sys)(\/|$)/;

/** The kernel's own for the root of a tmpfs. */
const NEW_MODE = 0o1777;

/** Where the mounts of a RUN need something to be mounted on. */
export function mountTargets(mounts: readonly RunMountSpec[]): readonly ByteString[] {
  return mounts.map(({ target }) => toByteString(target));
}

/**
 * Makes what is missing to mount on, links followed inside the root, and puts the mounts into the runtime's form.
 * `folder` is where the private files will be. Throws StartFailure where the image is in the way.
 */
export function prepareMounts(root: ByteString, mounts: readonly RunMountSpec[], folder: ByteString): PreparedMounts {
  const files: PrivateFile[] = [];
  const binds = mounts.map((mount, index): BindMount => {
    const { target } = mount;
    const covered = mounts.slice(0, index).some((other) => target.startsWith(`${other.target}/`));
    const isFile = mount.kind === 'path' ? mount.isFile : mount.kind !== 'tmpfs';
    const mode = covered || OWN.test(target) ? NEW_MODE : makeStub(root, target, isFile);
    if (isKernels(target)) throw notMountable(target, 'no such file or directory');
    if (mount.kind === 'path') {
      const options = ['rbind', mount.readonly ? 'ro' : 'rw', 'rprivate'];
      return { source: fromByteString(mount.source), destination: target, isFile, options };
    }
    if (mount.kind === 'socket') {
      return {
        source: fromByteString(mount.source),
        destination: target,
        isFile,
        options: ['rbind', 'rw', 'rprivate'],
      };
    }
    if (mount.kind === 'tmpfs') {
      const size = mount.size === 0 ? [] : [`size=${mount.size}`];
      const options = ['nosuid', mount.readonly ? 'ro' : 'rw', `mode=${mode.toString(8)}`, ...size];
      return { type: 'tmpfs', source: 'tmpfs', destination: target, isFile, options };
    }
    const { data, uid, gid } = mount;
    const name = `secret-${files.length}`;
    files.push({ name, data, mode: mount.mode, uid, gid });
    return {
      source: fromByteString(`${folder}/${name}`),
      destination: target,
      isFile,
      options: ['rbind', 'ro', 'nosuid', 'nodev', 'noexec', 'rprivate'],
    };
  });
  return { binds, files };
}

/** No runtime mounts over or into /proc, nor makes anything in /sys, which shows the same everywhere. */
function isKernels(target: string): boolean {
  return /^\/proc(\/|$)/.test(target) || (target.startsWith('/sys/') && !existsSync(target));
}

/** Makes a file or folder to mount on where nothing is; gives the permission bits that a tmpfs there has in runc. */
function makeStub(root: ByteString, target: string, isFile: boolean): number {
  const path = resolveInRoot(root, toByteString(target));
  try {
    const isNew = lstatOrUndefined(path) === undefined;
    if (isNew) {
      if (isFile) makeFileStub(root, toByteString(target));
      else {
        mkdirInRoot(root, posix.dirname(path), () => {});
        mkdirInRoot(root, path, () => {});
      }
    }
    const stats = statSync(fsPath(path));
    if (stats.isDirectory() !== isFile) return isNew ? NEW_MODE : stats.mode & 0o7777;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  throw notMountable(target, 'not a directory');
}

function notMountable(target: string, why: string): StartFailure {
  return new StartFailure(
    `error mounting to rootfs at ${JSON.stringify(target)}: create mountpoint for ${target} mount: ${why}`,
    true,
    NOT_EXECUTABLE,
  );
}
