import { boundingCapabilities, capabilityNames } from './capability-names.ts';
import { seccompProfile } from './seccomp.ts';
import type { ExecUser } from './user.ts';

/** The capabilities that dockerd leaves to a container (moby oci/caps DefaultCapabilities). */
export const DEFAULT_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const;

/** Paths that dockerd hides from a container. */
export const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

/** Paths that dockerd makes read-only. */
export const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** A folder or file of the host, or a new file system, that stands over a path of the container. */
export interface BindMount {
  /** A bind mount where left out. */
  readonly type?: 'tmpfs';
  readonly source: string;
  readonly destination: string;
  readonly isFile: boolean;
  readonly options: readonly string[];
}

/** What a bundle is made of. */
export interface BundleInput {
  /** Absolute path of the mounted root file system. */
  readonly root: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly user: ExecUser;
  readonly workingDir: string;
  readonly hostname: string;
  readonly network: 'host' | 'none';
  /** All rights that this host can give: capabilities, devices, system calls. */
  readonly insecure: boolean;
  /** In the order of mounting, after the file systems of the kernel. */
  readonly binds: readonly BindMount[];
  /**
   * Undefined where the runtime is to make no control group: there is one around it already, or none can be made, and devices
   * are held back by capabilities alone.
   */
  readonly cgroupsPath: string | undefined;
}

const NOTHING = ['nosuid', 'noexec', 'nodev'] as const;

const SYSTEM_MOUNTS: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: NOTHING },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...NOTHING, 'ro'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: NOTHING },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...NOTHING, 'mode=1777', 'size=65536k'] },
];

/** Whether a kind of device may be used, and for what: r, w, m (to make a node of it). Without a type: all. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type?: 'a' | 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

/** Any node may be made, but only these opened: null, zero, full, random, urandom, tty, console, ptmx, pts. */
export const DEVICE_RULES: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map((minor) => ({ allow: true, type: 'c' as const, major: 1, minor, access: 'rwm' })),
  ...[0, 1, 2].map((minor) => ({ allow: true, type: 'c' as const, major: 5, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

/**
 * The config.json of an OCI bundle (opencontainers/runtime-spec) that gives a build step what dockerd gives it: its
 * namespaces, mounts, capabilities, masked paths and devices.
 */
export function bundleConfig(input: BundleInput): Record<string, unknown> {
  const { insecure } = input;
  const capabilities = insecure ? capabilityNames(boundingCapabilities()) : DEFAULT_CAPABILITIES;
  const namespaces = ['pid', 'ipc', 'uts', 'mount', ...(input.network === 'none' ? ['network'] : [])];
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: input.user.uid, gid: input.user.gid, umask: 0o022, additionalGids: input.user.groups },
      args: input.args,
      env: input.env,
      cwd: input.workingDir,
      capabilities: {
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
      },
      noNewPrivileges: false,
    },
    root: { path: input.root, readonly: false },
    hostname: input.hostname,
    mounts: [
      ...SYSTEM_MOUNTS,
      ...input.binds.map(({ source, destination, options, type = 'bind' }) => ({ destination, type, source, options })),
    ],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      ...(input.cgroupsPath === undefined
        ? {}
        : {
            cgroupsPath: input.cgroupsPath,
            resources: { devices: insecure ? [{ allow: true, access: 'rwm' }] : DEVICE_RULES },
          }),
      ...(insecure
        ? {}
        : { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS, seccomp: seccompProfile(process.arch) }),
    },
  };
}
