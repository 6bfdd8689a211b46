import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DEVICE_RULES, type DeviceRule } from './bundle.ts';
import { CGROUP_PARENT, CGROUPS, controlGroups, removeCgroups } from './host-tools.ts';

/** A control group in every hierarchy of the first version, which all containers of a keeper are in. */
export interface SharedGroup {
  /** Where a process of one thread becomes a member, by writing 0: `tasks` of each hierarchy. */
  readonly members: readonly string[];
  /** Takes it away; nothing may be in it. */
  remove(): void;
}

/** Names of controllers, or of a hierarchy without any, as a shell takes them for one word. */
const PLAIN = /^[A-Za-z0-9_,.-]+$/;

/**
 * Makes a group with the devices that a build's command may use, as a runtime makes one for each container. A process that
 * enters a group by `cgroup.procs` waits until all processors have been through the scheduler (2 to 14 ms), so whoever starts containers one
 * after the other had better be in there already. By `tasks`, a thread that moves itself does not wait (Linux 5.6 and later,
 * cgroup_procs_write_start of kernel/cgroup/cgroup.c). Undefined where there is but the second version, whose rules for devices
 * are a program for the kernel: runtimes make their own there.
 *
 * @param id a plain word
 */
export function makeSharedGroup(id: string): SharedGroup | undefined {
  const { layout, writable } = controlGroups();
  if (!writable || (layout !== 'hybrid' && layout !== 'legacy')) return undefined;
  const remove = (): void => removeCgroups(id);
  try {
    const members = hierarchies().map((hierarchy) => {
      const parent = `${hierarchy}/${CGROUP_PARENT}`;
      const group = `${parent}/${id}`;
      mkdirSync(group, { recursive: true, mode: 0o755 });
      if (hierarchy.includes('cpuset')) {
        inherit(hierarchy, parent);
        inherit(parent, group);
      }
      return `${group}/tasks`;
    });
    const devices = `${CGROUPS}/devices/${CGROUP_PARENT}/${id}`;
    // A rule a write, in their order.
    for (const rule of DEVICE_RULES)
      writeFileSync(`${devices}/devices.${rule.allow ? 'allow' : 'deny'}`, wordsOf(rule));
    return { members, remove };
  } catch {
    remove();
    return undefined;
  }
}

/** Folders of the hierarchies that this process is in. */
function hierarchies(): readonly string[] {
  return readFileSync('/proc/self/cgroup', 'latin1')
    .split('\n')
    .map((line) => (line.split(':')[1] ?? '').replace(/^name=/, ''))
    .filter((name) => PLAIN.test(name) && existsSync(`${CGROUPS}/${name}`))
    .map((name) => `${CGROUPS}/${name}`);
}

/** A group has no processors and no memory until it is told which; without them nothing can be in it. */
function inherit(parent: string, group: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if (!existsSync(`${group}/${name}`) || readFileSync(`${group}/${name}`, 'latin1').trim() !== '') continue;
    writeFileSync(`${group}/${name}`, readFileSync(`${parent}/${name}`));
  }
}

function wordsOf({ type, major, minor, access }: DeviceRule): string {
  return type === undefined ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}
