import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { proxyFor } from './proxy.ts';

export interface Exchange {
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What to ask for where that is not what the URL says. */
  readonly path?: string | undefined;
}

/** How long a server may take to pick up, as Go's own client waits. */
const DIAL_MS = 30_000;
/** Bytes of all headers of an answer: the limit that Go's client has. */
const MAX_HEADERS = 10 * 1024 * 1024;

/**
 * One request and the head of its answer, through the proxy that the environment names; the body is not read yet. Rejects
 * with Node's own error.
 */
export async function request(url: URL, exchange: Exchange): Promise<http.IncomingMessage> {
  const { method, signal, env } = exchange;
  const auth = basicAuth(url);
  const headers = { ...exchange.headers, ...(auth === undefined ? {} : { Authorization: auth }) };
  const common = {
    method,
    headers,
    maxHeaderSize: MAX_HEADERS,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  };
  const proxy = proxyFor(url, env);
  const path = exchange.path ?? `${url.pathname}${url.search}`;
  const target = { host: bareHost(url), port: portOf(url), path };
  if (url.protocol === 'https:') {
    const socket = proxy === undefined ? undefined : await tunnel(url, proxy, exchange);
    const secure = { ...common, ...target, servername: servername(url), ca: authorities(env) };
    return send(
      https.request(socket === undefined ? secure : { ...secure, createConnection: () => over(socket, url, env) }),
    );
  }
  if (proxy === undefined) return send(http.request({ ...common, ...target }));
  const credentials = basicAuth(proxy);
  return send(
    clientOf(proxy).request({
      ...common,
      headers: {
        ...headers,
        Host: url.host,
        ...(credentials === undefined ? {} : { 'Proxy-Authorization': credentials }),
      },
      host: bareHost(proxy),
      port: portOf(proxy),
      path: `http://${url.host}${path}`,
    }),
  );
}

function send(outgoing: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const slow = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
    }, DIAL_MS);
    const ready = (): void => clearTimeout(slow);
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', ready);
      else ready();
    });
    outgoing.once('response', (answer) => {
      ready();
      resolve(answer);
    });
    outgoing.once('error', (error) => {
      ready();
      reject(error);
    });
    outgoing.end();
  });
}

/** A way through the proxy to the server itself. */
function tunnel(url: URL, proxy: URL, { signal }: Exchange): Promise<tls.ConnectionOptions['socket']> {
  const credentials = basicAuth(proxy);
  const target = `${url.hostname}:${portOf(url)}`;
  return new Promise((resolve, reject) => {
    const connect = clientOf(proxy).request({
      host: bareHost(proxy),
      port: portOf(proxy),
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...(credentials === undefined ? {} : { 'Proxy-Authorization': credentials }) },
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    connect.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(answer.statusMessage || `the proxy answered ${answer.statusCode}`));
    });
    connect.once('response', (answer) => {
      answer.destroy();
      reject(new Error(answer.statusMessage || `the proxy answered ${answer.statusCode}`));
    });
    connect.once('error', reject);
    connect.end();
  });
}

function over(socket: tls.ConnectionOptions['socket'], url: URL, env: Exchange['env']): tls.TLSSocket {
  return tls.connect({
    ...(socket === undefined ? {} : { socket }),
    servername: servername(url),
    ca: authorities(env),
  });
}

function clientOf(proxy: URL): typeof http | typeof https {
  if (proxy.protocol === 'http:') return http;
  if (proxy.protocol === 'https:') return https;
  throw new Error(`proxies by ${proxy.protocol}// are not supported`);
}

function basicAuth(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

/** No name is told for a bare address. */
function servername(url: URL): string {
  return /^\[|^[\d.]+$/.test(url.hostname) ? '' : url.hostname;
}

const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** Whom this host trusts, and whom Node does: dockerd reads the host's list alone, which not every host has. */
function authorities(env: Exchange['env']): string[] {
  for (const file of env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : BUNDLES) {
    try {
      return [...tls.rootCertificates, readFileSync(file, 'utf8')];
    } catch {
      // The next one.
    }
  }
  return [...tls.rootCertificates];
}
