import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type BundleInput, bundleConfig, DEFAULT_CAPABILITIES } from '../../../src/executor/run/bundle.ts';
import { seccompProfile } from '../../../src/executor/run/seccomp.ts';

const input: BundleInput = {
  root: '/merged',
  args: ['/bin/sh', '-c', 'true'],
  env: ['A=1'],
  user: { uid: 5, gid: 6, groups: [6, 90] },
  workingDir: '/w',
  hostname: 'h',
  network: 'none',
  insecure: false,
  binds: [{ source: '/s/hosts', destination: '/etc/hosts', isFile: true, options: ['rbind', 'ro'] }],
  cgroupsPath: '/layerlab/x',
};

/** Bit numbers of linux/capability.h. */
const BITS: Readonly<Record<string, bigint>> = {
  CAP_CHOWN: 0n,
  CAP_DAC_OVERRIDE: 1n,
  CAP_FOWNER: 3n,
  CAP_FSETID: 4n,
  CAP_KILL: 5n,
  CAP_SETGID: 6n,
  CAP_SETUID: 7n,
  CAP_SETPCAP: 8n,
  CAP_NET_BIND_SERVICE: 10n,
  CAP_NET_RAW: 13n,
  CAP_SYS_CHROOT: 18n,
  CAP_MKNOD: 27n,
  CAP_AUDIT_WRITE: 29n,
  CAP_SETFCAP: 31n,
};

describe('bundleConfig', () => {
  it('gives an insecure command all that this process has, and hides nothing from it', () => {
    const { process: run, linux } = bundleConfig({ ...input, insecure: true }) as {
      process: { capabilities: { effective: readonly string[] } };
      linux: Record<string, unknown>;
    };
    const [, bounding = ''] = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    const count = [...BigInt(`0x${bounding}`).toString(2)].filter((bit) => bit === '1').length;
    expect(run.capabilities.effective).toHaveLength(count);
    expect(Object.keys(linux).sort()).toEqual(['cgroupsPath', 'namespaces', 'resources']);
    expect(linux.resources).toEqual({ devices: [{ allow: true, access: 'rwm' }] });
  });

  it('has the capabilities that /proc/self/status shows in a container of dockerd', () => {
    const bits = DEFAULT_CAPABILITIES.reduce((sum, name) => sum | (1n << (BITS[name] ?? 63n)), 0n);
    expect(bits.toString(16)).toBe('a80425fb');
    expect(bundleConfig(input)).toMatchObject({
      process: {
        noNewPrivileges: false,
        capabilities: {
          bounding: DEFAULT_CAPABILITIES,
          effective: DEFAULT_CAPABILITIES,
          permitted: DEFAULT_CAPABILITIES,
        },
      },
    });
    expect(JSON.stringify(bundleConfig(input))).not.toMatch(/inheritable|ambient|CAP_SYS_ADMIN/);
  });

  it('says who runs what where', () => {
    expect(bundleConfig(input)).toMatchObject({
      process: {
        terminal: false,
        user: { uid: 5, gid: 6, additionalGids: [6, 90], umask: 0o22 },
        args: ['/bin/sh', '-c', 'true'],
        env: ['A=1'],
        cwd: '/w',
      },
      root: { path: '/merged', readonly: false },
      hostname: 'h',
    });
  });

  it('has a network namespace only where there is to be no network', () => {
    const types = (config: Record<string, unknown>): string[] =>
      (config.linux as { namespaces: { type: string }[] }).namespaces.map(({ type }) => type);
    expect(types(bundleConfig(input))).toEqual(['pid', 'ipc', 'uts', 'mount', 'network']);
    expect(types(bundleConfig({ ...input, network: 'host' }))).toEqual(['pid', 'ipc', 'uts', 'mount']);
  });

  it('refuses every device but the harmless ones, and lets all be made', () => {
    const { linux } = bundleConfig(input) as { linux: { resources: { devices: Record<string, unknown>[] } } };
    expect(linux.resources.devices[0]).toEqual({ allow: false, access: 'rwm' });
    expect(linux.resources.devices).toContainEqual({ allow: true, type: 'b', access: 'm' });
    const opened = linux.resources.devices.filter(({ allow, access }) => allow === true && access === 'rwm');
    expect(opened.map(({ type, major, minor }) => `${type} ${major}:${minor ?? '*'}`)).toEqual([
      'c 1:3',
      'c 1:5',
      'c 1:7',
      'c 1:8',
      'c 1:9',
      'c 5:0',
      'c 5:1',
      'c 5:2',
      'c 136:*',
    ]);
  });

  it('leaves control groups alone where there are none to be had', () => {
    const { linux } = bundleConfig({ ...input, cgroupsPath: undefined });
    expect(linux).not.toHaveProperty('resources');
    expect(linux).not.toHaveProperty('cgroupsPath');
  });
});

describe('seccompProfile', () => {
  it('keeps a command from namespaces of its own, keyrings and io_uring', () => {
    const { syscalls } = seccompProfile('x64') as { syscalls: { names: string[]; action: string }[] };
    const refused = new Set(syscalls.filter(({ action }) => action === 'SCMP_ACT_ERRNO').flatMap(({ names }) => names));
    for (const name of ['unshare', 'setns', 'clone', 'clone3', 'keyctl', 'io_uring_setup', 'bpf', 'userfaultfd']) {
      expect(refused).toContain(name);
    }
  });

  it('names architectures only where it knows them', () => {
    expect(seccompProfile('arm64')).toHaveProperty('architectures', ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
    expect(seccompProfile('riscv64')).not.toHaveProperty('architectures');
  });
});
