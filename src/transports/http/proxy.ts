import { isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that a URL is asked through, as the environment tells: HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either letter
 * case, as dockerd and every other Go program read them (golang.org/x/net/http/httpproxy). This host itself is never
 * asked through one.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = env[name] || env[name.toLowerCase()];
  if (!text || isExempt(url, env.NO_PROXY || env.no_proxy || '')) return undefined;
  try {
    return new URL(/^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    return undefined;
  }
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return true;
  return list.split(',').some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [address, bits] = entry.split('/');
  if (bits !== undefined && isIP(address ?? '') === 4 && isIP(host) === 4) {
    return inNetwork(host, address ?? '', Number(bits));
  }
  const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  if (isIP(name) !== 0) return name === host;
  const domain = name.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(name));
}

function inNetwork(host: string, address: string, bits: number): boolean {
  const number = (text: string): bigint => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (!Number.isInteger(bits) || bits < 0 || bits > 32) return false;
  const shift = BigInt(32 - bits);
  return number(host) >> shift === number(address) >> shift;
}
