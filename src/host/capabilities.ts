import { readFileSync } from 'node:fs';

/** Bit numbers of linux/capability.h. */
const CAPABILITIES = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SYS_CHROOT: 18,
  SYS_ADMIN: 21,
  MKNOD: 27,
  SETFCAP: 31,
} as const;

export type CapabilityName = keyof typeof CAPABILITIES;

/** What this process may do; made of /proc/self/status, without trying anything. */
export interface HostCapabilities {
  readonly platform: NodeJS.Platform;
  /** Effective user id, -1 where the platform has none. */
  readonly euid: number;
  /** Whether the process is in a user namespace of its own, where root is not the host's root. */
  readonly userNamespace: boolean;
  /** The effective capabilities among those that matter here. */
  readonly caps: ReadonlySet<CapabilityName>;
  /** May give files to other users. */
  readonly chown: boolean;
  /** May make device nodes other than the whiteout 0/0. */
  readonly mknod: boolean;
  /** May set trusted.* extended attributes (so: keep opaque markers as dockerd does). */
  readonly trustedXattrs: boolean;
  /** May mount an overlay whose upper folder has dockerd's form. */
  readonly overlayMount: boolean;
  /** May chroot into a root file system. */
  readonly chroot: boolean;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The names in the CapEff line of /proc/<pid>/status. */
export function parseEffectiveCapabilities(status: string): ReadonlySet<CapabilityName> {
  const hex = /^CapEff:\s*([0-9a-fA-F]{1,16})$/m.exec(status)?.[1] ?? '0';
  const bits = BigInt(`0x${hex}`);
  const names = Object.keys(CAPABILITIES) as CapabilityName[];
  return new Set(names.filter((name) => (bits >> BigInt(CAPABILITIES[name])) & 1n));
}

/** Whether a /proc/<pid>/uid_map is not the identity of the initial user namespace. */
export function isUserNamespace(uidMap: string): boolean {
  const words = uidMap.trim().split(/\s+/);
  return (
    uidMap.trim() !== '' && !(words.length === 3 && words[0] === '0' && words[1] === '0' && words[2] === '4294967295')
  );
}

/** Reads what this process may do, anew at each call. */
export function readHostCapabilities(): HostCapabilities {
  const { platform } = process;
  const euid = process.geteuid?.() ?? -1;
  const caps =
    platform === 'linux' ? parseEffectiveCapabilities(readText('/proc/self/status')) : new Set<CapabilityName>();
  const userNamespace = platform === 'linux' && isUserNamespace(readText('/proc/self/uid_map'));
  const initial = platform === 'linux' && !userNamespace;
  return {
    platform,
    euid,
    userNamespace,
    caps,
    chown: platform === 'linux' ? caps.has('CHOWN') : euid === 0,
    mknod: initial && caps.has('MKNOD'),
    trustedXattrs: initial && caps.has('SYS_ADMIN'),
    // The overlay module may load at the first mount, so /proc/filesystems would not tell.
    overlayMount: initial && caps.has('SYS_ADMIN') && caps.has('MKNOD'),
    chroot: caps.has('SYS_CHROOT') && caps.has('DAC_OVERRIDE') && caps.has('CHOWN'),
  };
}

let known: HostCapabilities | undefined;

/** What this process may do, read once: it costs two small reads at the first call and nothing later. */
export function hostCapabilities(): HostCapabilities {
  known ??= readHostCapabilities();
  return known;
}
