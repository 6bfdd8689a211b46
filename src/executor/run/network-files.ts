import { readFileSync } from 'node:fs';

/** The texts that are mounted over the image's own files while a command runs. */
export interface NetworkFiles {
  readonly hosts: string;
  readonly resolvConf: string;
  /** Classic only: BuildKit leaves /etc/hostname alone. */
  readonly hostname: string | undefined;
}

const CLASSIC_HOSTS = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
  '',
].join('\n');

/** What dockerd falls back to where the host names no server that a container could reach. */
const PUBLIC_SERVERS = ['nameserver 8.8.8.8', 'nameserver 8.8.4.4', ''].join('\n');

const LOCAL_SERVER = /^[ \t]*nameserver[ \t]+(127\.|::1).*$\n?/gm;
const SERVER = /^[ \t]*nameserver[ \t]+\S/m;

function hostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The servers of the host that can be reached from another network namespace (libnetwork's FilterResolvDNS). */
export function reachableServers(resolvConf: string): string {
  const kept = resolvConf.replace(LOCAL_SERVER, '');
  if (SERVER.test(kept)) return kept;
  return `${kept}${kept === '' || kept.endsWith('\n') ? '' : '\n'}${PUBLIC_SERVERS}`;
}

/** hosts, resolv.conf and hostname as the builder makes them for this network. */
export function networkFiles(
  builder: 'buildkit' | 'classic',
  network: 'host' | 'none',
  hostname: string,
): NetworkFiles {
  const ofHost = hostFile('/etc/resolv.conf');
  const resolvConf = network === 'host' ? ofHost : reachableServers(ofHost);
  if (builder === 'buildkit') {
    const hosts = `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`;
    return { hosts, resolvConf, hostname: undefined };
  }
  return { hosts: network === 'host' ? hostFile('/etc/hosts') : CLASSIC_HOSTS, resolvConf, hostname: `${hostname}\n` };
}
