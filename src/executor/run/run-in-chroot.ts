import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, makeDevice, memoryFile, S_IFCHR } from '../../host/syscalls.ts';
import { MASKED_PATHS, READONLY_PATHS } from './bundle.ts';
import { boundingCapabilities } from './capability-names.ts';
import { gateOf, HOST_ENVIRONMENT, runChild } from './child.ts';
import { chrootInit } from './chroot-init.ts';
import type { ChrootJob, JobMount } from './chroot-job.ts';
import { lookUpVariable } from './environment.ts';
import { findTool, leashPrefix } from './host-tools.ts';
import { resolveInRoot } from './in-root.ts';
import type { PreparedRun } from './prepare-root.ts';
import { privateFolder } from './private-files.ts';
import type { RunSpec } from './run-spec.ts';
import { StartFailure } from './start-failure.ts';

/** Numbers of DEFAULT_CAPABILITIES (linux/capability.h). */
const CAPABILITY_NUMBERS = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31];

const CLONE_NEWNS = 0x20000;
const CLONE_NEWUTS = 0x4000000;
const CLONE_NEWIPC = 0x8000000;
const CLONE_NEWNET = 0x40000000;
const NOTHING = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/** What chrootInit exits with where it did not get as far as the command. */
const FAILED = 254;

export const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

/**
 * Runs a prepared command by chroot, with namespaces and the mounts of a container around it where `isolated` (needs
 * CAP_SYS_ADMIN), else with nothing but a new root folder. Either way it is no security boundary: a command that keeps
 * docker's default capabilities can leave a chroot.
 *
 * Gives the exit code. Everything the command started is gone afterwards: its pid namespace (`leash`) ends it, or, where
 * there can be none, we do. Throws StartFailure, LL_RUN_IMPOSSIBLE.
 */
export async function runInChroot(
  spec: RunSpec,
  root: ByteString,
  prepared: PreparedRun,
  scratch: ByteString,
  isolated: boolean,
  leash: () => Promise<readonly string[]> = leashPrefix,
): Promise<number> {
  const prefix = isolated ? await leash() : plainLeash();
  const job = isolated ? isolatedJob(spec, root, prepared, privateFolder(scratch)) : plainJob(spec, root, prepared);
  const gated = isolated && prefix.length === 0;
  const input = job.closesInput ? 3 : undefined;
  const text = JSON.stringify(gated ? { ...job, gate: gateOf(input) } : job);
  const memory = job.closesInput ? memoryFile(Buffer.from(text)) : undefined;
  const jobPath = memory === undefined ? `${scratch}/chroot.json` : '/proc/self/fd/3';
  if (memory === undefined) writeFileSync(fsPath(jobPath), text, { mode: 0o600 });
  const program = `(${chrootInit.toString()})(require, ${JSON.stringify(fromByteString(jobPath))}, ${FAILED})`;
  const [command = process.execPath, ...args] = [...prefix, process.execPath, '--no-warnings', '-e', program];
  let complaint = '';
  let silent = true;
  let namespace: number | undefined;
  const exitCode = await runChild({
    command,
    args,
    env: HOST_ENVIRONMENT,
    owner: prepared.user,
    input: memory,
    signal: spec.signal,
    onOutput: (stream, data) => {
      // A complaint of chrootInit is the first and only thing that is ever written.
      if (silent && stream === 2 && /^\{"(layerlab|chdir)":/.test(data.toString('latin1', 0, 16)))
        complaint = data.toString();
      else spec.onOutput(stream, data);
      silent = false;
    },
    onGate: gated
      ? (pid) => {
          namespace = openSync(`/proc/${pid}/ns/mnt`, 'r');
        }
      : undefined,
    onExit: () => {
      if (!isolated) endProcesses('root', root);
      else if (namespace !== undefined) endProcesses('ns/mnt', `mnt:[${fstatSync(namespace).ino}]`);
    },
  }).finally(() => {
    if (memory !== undefined) closeSync(memory);
    if (namespace !== undefined) closeSync(namespace);
  });
  const failure = exitCode === FAILED ? failureOf(complaint, spec) : undefined;
  if (failure !== undefined) throw failure;
  if (complaint !== '') spec.onOutput(2, Buffer.from(complaint));
  return exitCode;
}

/** The error that a complaint of chrootInit stands for; undefined for what only looks like one. */
function failureOf(complaint: string, spec: RunSpec): Error | undefined {
  let value: { readonly chdir?: unknown; readonly layerlab?: unknown };
  try {
    value = JSON.parse(complaint);
  } catch {
    return undefined;
  }
  if (typeof value.chdir === 'string') {
    return new StartFailure(`chdir to cwd ("${spec.workingDir}") set in config.json failed: ${value.chdir}`, true, 126);
  }
  return new LayerlabError('LL_RUN_IMPOSSIBLE', `The command could not be isolated: ${String(value.layerlab)}`, {
    hint: 'Install crun or runc, or give this process CAP_SYS_ADMIN.',
  });
}

function plainLeash(): readonly string[] {
  const setpriv = findTool('setpriv');
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig=KILL'];
}

/**
 * Ends every process for which a link in its /proc folder has this text: what a command left in the background. A namespace
 * must be held open meanwhile: the kernel gives the number of one that is gone to the next that anybody makes.
 */
function endProcesses(link: 'root' | 'ns/mnt', text: string): void {
  for (let round = 0, found = true; found && round < 50; round++) {
    found = false;
    for (const pid of readdirSync('/proc')) {
      if (!/^[0-9]+$/.test(pid)) continue;
      try {
        if (readlinkSync(`/proc/${pid}/${link}`, { encoding: 'latin1' }) !== text) continue;
        process.kill(Number(pid), 'SIGKILL');
        found = true;
      } catch {
        // It ended by itself, or is another user's.
      }
    }
  }
}

function baseJob(spec: RunSpec, root: ByteString, prepared: PreparedRun): ChrootJob {
  const name = spec.args[0] ?? '';
  const path = (lookUpVariable(prepared.env, 'PATH') ?? '').split(':');
  return {
    koffi: createRequire(import.meta.url ?? __filename).resolve('koffi'),
    unshare: 0,
    closesInput: prepared.privateEnv || prepared.privateFiles.length > 0,
    gate: undefined,
    loopback: false,
    hostname: undefined,
    mounts: [],
    nodes: [],
    links: [],
    masked: [],
    readonly: [],
    root: fromByteString(root),
    workingDir: spec.workingDir,
    uid: prepared.user.uid,
    gid: prepared.user.gid,
    groups: prepared.user.groups,
    capabilities: spec.insecure === true ? boundingCapabilities() : CAPABILITY_NUMBERS,
    programs: name.includes('/') ? [name] : path.map((folder) => `${folder}/${name}`),
    args: spec.args,
    env: prepared.env,
  };
}

const plainJob = baseJob;

const OPTION_FLAGS: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
};

function flagsOf(options: readonly string[]): number {
  return options.reduce((flags, option) => flags | (OPTION_FLAGS[option] ?? 0), 0);
}

function privateFiles({ privateFiles }: PreparedRun, folder: ByteString): NonNullable<ChrootJob['private']> {
  mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
  const files = privateFiles.map((file) => ({ ...file, data: file.data.toString('base64') }));
  return { folder: fromByteString(folder), files };
}

/** What mount(2) is told beside the flags. */
function dataOf(options: readonly string[]): string {
  return options.filter((option) => /^(mode|size)=/.test(option)).join(',');
}

function isolatedJob(spec: RunSpec, root: ByteString, prepared: PreparedRun, folder: ByteString): ChrootJob {
  const on = (path: string): string => fromByteString(resolveInRoot(root, toByteString(path)));
  const dev = on('/dev');
  const [proc, sys] = [on('/proc'), on('/sys')];
  const mounts: JobMount[] = [
    { source: 'proc', target: proc, type: 'proc', flags: NOTHING },
    { source: 'tmpfs', target: dev, type: 'tmpfs', flags: MS_NOSUID, data: 'mode=755,size=65536k' },
    {
      source: 'devpts',
      target: `${dev}/pts`,
      type: 'devpts',
      flags: MS_NOSUID | MS_NOEXEC,
      data: 'newinstance,ptmxmode=0666,mode=0620,gid=5',
    },
    { source: 'sysfs', target: sys, type: 'sysfs', flags: NOTHING | MS_RDONLY },
    { source: 'mqueue', target: `${dev}/mqueue`, type: 'mqueue', flags: NOTHING },
    { source: 'shm', target: `${dev}/shm`, type: 'tmpfs', flags: NOTHING, data: 'mode=1777,size=65536k' },
    ...prepared.binds.map(({ source, destination, options, isFile, type }) => ({
      source,
      // What goes into the new /dev does not go where a link in the image's own leads.
      target: destination.startsWith('/dev/') ? `${dev}${destination.slice('/dev'.length)}` : on(destination),
      flags: flagsOf(options),
      isFile,
      ...(type === undefined ? {} : { type, data: dataOf(options) }),
    })),
  ];
  const below = (path: string): string => path.replace(/^\/proc/, proc).replace(/^\/sys/, sys);
  return {
    ...baseJob(spec, root, prepared),
    ...(prepared.privateFiles.length === 0 ? {} : { private: privateFiles(prepared, folder) }),
    unshare: CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | (spec.network === 'none' ? CLONE_NEWNET : 0),
    loopback: spec.network === 'none',
    hostname: spec.hostname,
    mounts,
    nodes: DEVICES.map(([name, major, minor]) => [`${dev}/${name}`, S_IFCHR | 0o666, String(makeDevice(major, minor))]),
    links: LINKS.map(([name, target]) => [`${dev}/${name}`, target]),
    masked: spec.insecure === true ? [] : MASKED_PATHS.map(below),
    readonly: spec.insecure === true ? [] : READONLY_PATHS.map(below),
  };
}
