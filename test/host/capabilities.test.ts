import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { hostCapabilities, isUserNamespace, parseEffectiveCapabilities } from '../../src/host/capabilities.ts';

describe('parseEffectiveCapabilities', () => {
  it("reads docker's default set", () => {
    // As a container of dockerd shows it: all but SYS_ADMIN of what matters here.
    expect([...parseEffectiveCapabilities('CapPrm:\t0\nCapEff:\t00000000a80425fb\nCapBnd:\t0\n')].sort()).toEqual(
      [
        'CHOWN',
        'DAC_OVERRIDE',
        'FOWNER',
        'FSETID',
        'KILL',
        'MKNOD',
        'SETFCAP',
        'SETGID',
        'SETUID',
        'SYS_CHROOT',
      ].sort(),
    );
  });

  it('finds none where there is no such line', () => {
    expect(parseEffectiveCapabilities('Name:\tnode\n').size).toBe(0);
  });
});

describe('isUserNamespace', () => {
  it('knows the initial one by its identity map', () => {
    expect(isUserNamespace('         0          0 4294967295\n')).toBe(false);
    expect(isUserNamespace('         0       1000          1\n')).toBe(true);
    expect(isUserNamespace('0 1000 1\n1 100000 65536\n')).toBe(true);
    expect(isUserNamespace('')).toBe(false);
  });
});

describe('hostCapabilities', () => {
  it('agrees with capsh', () => {
    const has = (name: string): boolean => {
      try {
        execFileSync('capsh', [`--has-p=cap_${name}`], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    };
    const caps = hostCapabilities();
    expect(caps.caps.has('SYS_ADMIN')).toBe(has('sys_admin'));
    expect(caps.caps.has('CHOWN')).toBe(has('chown'));
    expect(caps.euid).toBe(process.geteuid?.());
    expect(hostCapabilities()).toBe(caps);
  });
});
