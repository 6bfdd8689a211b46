import { describe, expect, it } from '@jest/globals';
import { networkFiles, reachableServers } from '../../../src/executor/run/network-files.ts';

describe('networkFiles', () => {
  it('has the hosts of BuildKit', () => {
    const { hosts, hostname } = networkFiles('buildkit', 'none', 'buildkitsandbox');
    expect(hosts).toBe('127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n');
    expect(hostname).toBeUndefined();
  });

  it('has the hosts and the hostname of a classic container without a network', () => {
    const { hosts, hostname } = networkFiles('classic', 'none', '0123456789ab');
    expect(hosts).toBe(
      '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n',
    );
    expect(hostname).toBe('0123456789ab\n');
  });
});

describe('reachableServers', () => {
  it('drops what only the host itself can reach', () => {
    expect(reachableServers('search x\nnameserver 127.0.0.53\nnameserver 10.1.1.1\noptions edns0\n')).toBe(
      'search x\nnameserver 10.1.1.1\noptions edns0\n',
    );
  });

  it('falls back to public servers', () => {
    expect(reachableServers('')).toBe('nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
    expect(reachableServers('search x\nnameserver ::1')).toBe('search x\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n');
  });
});
