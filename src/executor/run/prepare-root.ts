import { chmodSync, lchownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import type { BindMount } from './bundle.ts';
import { copyTree } from './copy-tree.ts';
import { processEnvironment } from './environment.ts';
import { whyNotExecutable } from './executable.ts';
import { lstatOrUndefined, mkdirInRoot, resolveInRoot } from './in-root.ts';
import { makeFileStub, makeMountStubs, missingStubs } from './mount-stubs.ts';
import { networkFiles } from './network-files.ts';
import { mountTargets, prepareMounts } from './prepare-mounts.ts';
import { type PrivateFile, privateFolder } from './private-files.ts';
import type { RunSpec } from './run-spec.ts';
import { makeScriptFolder, SCRIPT_FOLDER } from './script-folder.ts';
import { StartFailure } from './start-failure.ts';
import { type ExecUser, findUser, homeOf, readUserDatabase, UserError } from './user.ts';

/** What is known of a command once its root file system is ready for it. */
export interface PreparedRun {
  readonly user: ExecUser;
  readonly env: readonly string[];
  /** In the order of mounting. */
  readonly binds: readonly BindMount[];
  /** What must be in the private folder when the mounts are made. */
  readonly privateFiles: readonly PrivateFile[];
  /** Whether the environment holds what must not touch a disk. */
  readonly privateEnv: boolean;
  /** What removeMountStubs is to look at afterwards; empty for classic. */
  readonly missingStubs: readonly ByteString[];
}

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/**
 * Makes a root file system ready for a command as the builder and runc do: the user is looked up, the working folder and
 * what is mounted on are made, volumes (classic) are copied out. Throws StartFailure.
 */
export function prepareRoot(root: ByteString, spec: RunSpec, scratchDir: ByteString): PreparedRun {
  const buildkit = spec.builder === 'buildkit';
  const missing = buildkit
    ? missingStubs(root, spec.stubCleaning !== 'files', [
        ...(spec.script === undefined ? [] : [SCRIPT_FOLDER]),
        ...mountTargets(spec.mounts ?? []),
      ])
    : [];
  const database = readUserDatabase(root);
  const user = userOf(spec, database);
  makeWorkingDir(root, spec, buildkit ? user : { uid: 0, gid: 0, groups: [] });
  if (spec.writtenDir !== undefined) makeEachFolder(root, spec.writtenDir);
  makeMountStubs(root);
  if (!buildkit) makeFileStub(root, '/etc/hostname');
  const volumes = (buildkit ? [] : spec.volumes).map((path, index) =>
    makeVolume(root, path, `${scratchDir}/volume-${index}`),
  );
  const mounts = prepareMounts(root, spec.mounts ?? [], privateFolder(scratchDir));
  const secretEnv = spec.secretEnv ?? [];
  const env = processEnvironment(
    spec.builder,
    [...spec.env, ...secretEnv],
    spec.hostname,
    homeOf(user.uid, database.passwd),
  );
  const why = whyNotExecutable(root, spec.args[0] ?? '', env, spec.workingDir);
  if (why !== undefined)
    throw new StartFailure(why, true, /not found|no such file/.test(why) ? NOT_FOUND : NOT_EXECUTABLE);
  const scripts = spec.script === undefined ? [] : [makeScriptFolder(spec.script, scratchDir)];
  const binds = [...volumes, ...fileBinds(spec, scratchDir), ...scripts];
  const depth = (path: string): number => path.split('/').length;
  binds.sort((a, b) => depth(a.destination) - depth(b.destination));
  // What a RUN mounts comes after what the builder does, and may hide it.
  binds.push(...mounts.binds);
  return {
    ...{ user, env, binds, missingStubs: missing },
    ...{ privateFiles: mounts.files, privateEnv: secretEnv.length > 0 },
  };
}

function userOf(spec: RunSpec, database: ReturnType<typeof readUserDatabase>): ExecUser {
  try {
    const user = findUser(spec.user, database, spec.builder);
    return spec.ownGroup === false ? { ...user, groups: user.groups.slice(1) } : user;
  } catch (error) {
    if (error instanceof UserError) throw new StartFailure(error.message, false, NOT_EXECUTABLE);
    throw error;
  }
}

/** A working folder that is not there: BuildKit gives what it makes to the user, classic to root. */
function makeWorkingDir(root: ByteString, spec: RunSpec, owner: ExecUser): void {
  const path = resolveInRoot(root, toByteString(spec.workingDir));
  try {
    if (statSync(fsPath(path)).isDirectory()) return;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw notAFolder(spec);
    try {
      mkdirInRoot(root, path, (made) => {
        chmodSync(fsPath(made), 0o755);
        lchownSync(fsPath(made), owner.uid, owner.gid);
      });
      return;
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOTDIR') throw ioError(cause, 'Making the working folder');
    }
  }
  throw notAFolder(spec);
}

/** Makes the folders of a path one after the other, as it is written. */
function makeEachFolder(root: ByteString, path: string): void {
  const names = toByteString(path).split('/');
  names.forEach((_, index) => {
    const here = names.slice(0, index + 1).join('/');
    if (lstatOrUndefined(resolveInRoot(root, here)) === undefined)
      mkdirInRoot(root, resolveInRoot(root, here), () => {});
  });
}

function notAFolder(spec: RunSpec): StartFailure {
  return spec.builder === 'buildkit'
    ? new StartFailure(`mkdir ${spec.workingDir}: not a directory`, true, NOT_EXECUTABLE)
    : new StartFailure(`Cannot mkdir: ${spec.workingDir} is not a directory`, false, NOT_EXECUTABLE);
}

/** An anonymous volume: a folder with what the image has there, mounted over it; the folder itself stays in the layer. */
function makeVolume(root: ByteString, path: string, storage: ByteString): BindMount {
  const real = resolveInRoot(root, toByteString(path));
  try {
    mkdirInRoot(root, real, (made) => chmodSync(fsPath(made), 0o755));
    mkdirSync(fsPath(storage));
  } catch (error) {
    throw ioError(error, `Making the volume ${path}`);
  }
  copyTree(real, storage);
  return {
    source: fromByteString(storage),
    destination: fromByteString(real.slice(root.length)) || '/',
    isFile: false,
    options: ['rbind', 'rprivate'],
  };
}

function fileBinds(spec: RunSpec, scratchDir: ByteString): readonly BindMount[] {
  const files = networkFiles(spec.builder, spec.network, spec.hostname);
  const options =
    spec.builder === 'buildkit' ? ['rbind', 'ro', 'nosuid', 'nodev', 'noexec', 'rprivate'] : ['rbind', 'rprivate'];
  const bind = (name: string, text: string): BindMount => {
    const path = `${scratchDir}/${name}`;
    writeFileSync(fsPath(path), text);
    chmodSync(fsPath(path), 0o644);
    return { source: fromByteString(path), destination: `/etc/${name}`, isFile: true, options };
  };
  return [
    bind('resolv.conf', files.resolvConf),
    ...(files.hostname === undefined ? [] : [bind('hostname', files.hostname)]),
    bind('hosts', files.hosts),
  ];
}
