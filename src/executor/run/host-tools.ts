import { accessSync, constants, readdirSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { errnoOf } from '../../host/io-error.ts';
import { isQuicklyAbsent } from '../../host/quick-calls.ts';
import { HOST_ENVIRONMENT, runChild } from './child.ts';

const CGROUP2_MAGIC = 0x63677270;
/** Where control groups are. */
export const CGROUPS = '/sys/fs/cgroup';
/** Everything we make there is below this group. */
export const CGROUP_PARENT = 'layerlab';
const STALE_MS = 60_000;

const FOLDERS = (HOST_ENVIRONMENT.PATH ?? '').split(':');

/** The absolute path of a program of the host, looked for in fixed folders only; undefined without one. */
export function findTool(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => {
    if (isQuicklyAbsent(path)) return false;
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** How the host keeps control groups, and whether we may make one. */
export interface ControlGroups {
  readonly layout: 'unified' | 'hybrid' | 'legacy' | 'none';
  readonly writable: boolean;
}

function isCgroup2(path: string): boolean {
  try {
    return statfsSync(path).type === CGROUP2_MAGIC;
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

let groups: ControlGroups | undefined;

/** Looks at /sys/fs/cgroup, once. */
export function controlGroups(): ControlGroups {
  groups ??= readControlGroups();
  return groups;
}

function readControlGroups(): ControlGroups {
  if (isCgroup2(CGROUPS)) return { layout: 'unified', writable: isWritable(CGROUPS) };
  const legacy = isWritable(`${CGROUPS}/devices`);
  if (isCgroup2(`${CGROUPS}/unified`)) return { layout: 'hybrid', writable: legacy };
  return { layout: legacy ? 'legacy' : 'none', writable: legacy };
}

/** The path of a container's group as a runtime is told it. */
export function cgroupPathOf(id: string): string {
  return `/${CGROUP_PARENT}/${id}`;
}

/**
 * A file by which a process becomes a member of the outermost group, as every container's first process becomes one of its own.
 * The first in a while to enter a group, whichever, waits until all processors have been through the scheduler (5 to 25 ms);
 * whoever comes within the next 20 ms does not. To enter here ahead, by a process of no consequence, takes the wait off the next
 * container.
 */
export function membersFile(): string {
  return `${CGROUPS}/${controlGroups().layout === 'unified' ? '' : 'devices/'}cgroup.procs`;
}

/** The folders that our groups are in: one where the hierarchy is unified, else one for each. */
function cgroupParents(): readonly string[] {
  let hierarchies: string[] = [];
  try {
    hierarchies = readdirSync(CGROUPS);
  } catch {
    // No control groups here.
  }
  return [CGROUPS, ...hierarchies.map((name) => `${CGROUPS}/${name}`)].map((folder) => `${folder}/${CGROUP_PARENT}`);
}

const BUSY_TRIES = 20;
const BUSY_WAIT_MS = 5;

/** Removes what a killed runtime left of a container's groups; processes that are still ending are waited for. */
export function removeCgroups(id: string): void {
  for (const parent of cgroupParents()) {
    for (let tries = 0; tries < BUSY_TRIES; tries++) {
      try {
        rmdirSync(`${parent}/${id}`);
        break;
      } catch (error) {
        if (errnoOf(error) !== 'EBUSY') break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_WAIT_MS);
      }
    }
  }
}

/** Removes groups that are empty and old enough that no runtime is about to use them. */
export function sweepCgroups(): void {
  for (const parent of cgroupParents()) {
    try {
      for (const id of readdirSync(parent)) {
        const { ctimeMs } = statSync(`${parent}/${id}`);
        if (id.startsWith(`${CGROUP_PARENT}-`) && Date.now() - ctimeMs > STALE_MS) rmdirSync(`${parent}/${id}`);
      }
    } catch {
      // Not there, or in use after all.
    }
  }
}

let leash: Promise<readonly string[]> | undefined;

/**
 * A command prefix that ties a program's life to ours: should this process die, even by SIGKILL, the kernel ends the
 * program and all it started, because they live in a pid namespace whose first process dies with us. Mounts made by it
 * end with it too. Empty where util-linux cannot do that; tried once.
 */
export function leashPrefix(): Promise<readonly string[]> {
  leash ??= tryLeash();
  return leash;
}

/** The words of a leash, but for what shows its processes in /proc; undefined without util-linux. Not tried. */
export function leashTools(): readonly string[] | undefined {
  const [setpriv, unshare] = [findTool('setpriv'), findTool('unshare')];
  if (setpriv === undefined || unshare === undefined) return undefined;
  return [setpriv, '--pdeathsig=KILL', unshare, '--mount', '--propagation=slave', '--pid', '--fork', '--kill-child'];
}

async function tryLeash(): Promise<readonly string[]> {
  const tools = leashTools();
  if (tools === undefined) return [];
  const prefix = [...tools, '--mount-proc'];
  const [command = '', ...args] = [...prefix, '/bin/sh', '-c', ':'];
  const code = await runChild({ command, args, env: HOST_ENVIRONMENT, onOutput: () => {} });
  return code === 0 ? prefix : [];
}
