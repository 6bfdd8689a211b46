import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openUrl, saveBody } from '../../../src/transports/http-source.ts';
import { type LocalServer, localServer } from './local-server.ts';

const none = { signal: undefined, env: {} };
let folder: string;
let server: LocalServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-http-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server?.close();
  server = undefined;
});

async function serve(answer: Parameters<typeof localServer>[0]): Promise<string> {
  server = await localServer(answer);
  return server.url;
}

async function download(url: string): Promise<string> {
  const saved = await saveBody(await openUrl(url, none), join(folder, 'file'), none);
  expect(statSync(saved.path).size).toBe(saved.size);
  return readFileSync(saved.path, 'utf8');
}

describe('openUrl', () => {
  it('follows nine redirects and no tenth, as Go does', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return response.end('goal');
      response.writeHead(302, { Location: `/${left - 1}` });
      return response.end();
    });
    expect(await download(`${url}/9`)).toBe('goal');
    await expect(openUrl(`${url}/10`, none)).rejects.toThrow('Get "/0": stopped after 10 redirects');
  });

  it.each([
    ['file:///etc/passwd', 'Get "file:///etc/passwd": unsupported protocol scheme "file"'],
    ['ftp://127.0.0.1/x', 'Get "ftp://127.0.0.1/x": unsupported protocol scheme "ftp"'],
    ['data:text/plain,x', 'Get "data:text/plain,x": unsupported protocol scheme "data"'],
  ])('goes to %s for nobody', async (Location, message) => {
    const url = await serve((_request, response) => response.writeHead(302, { Location }).end());
    await expect(openUrl(url, none)).rejects.toMatchObject({ code: 'LL_FETCH', message });
  });

  it.each(['/a/../../b', '/.', '/..?x=./y', '/%2e%2e/a', '/a%20b?c=d'])(
    'asks for %s as it is, like Go',
    async (path) => {
      const url = await serve((_request, response) => response.end());
      await openUrl(url + path, none);
      expect(server?.asked).toEqual([`GET ${path}`]);
    },
  );

  it('takes a redirect that leads nowhere for the answer', async () => {
    const url = await serve((_request, response) => response.writeHead(302).end('three'));
    expect(await openUrl(url, none)).toMatchObject({ status: 302 });
  });

  it('says what Go says of a server that is not there', async () => {
    await expect(openUrl('http://127.0.0.1:1/x', none)).rejects.toThrow(
      'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    await expect(openUrl('http://', none)).rejects.toThrow('Get "http:": http: no Host in request URL');
    await expect(openUrl('http://[', none)).rejects.toThrow(`parse "http://[": missing ']' in host`);
  });

  it('sends the user of a URL to its own host alone, and shows no password', async () => {
    const other = await localServer((_request, response) => response.end('x'));
    const url = await serve((_request, response) => response.writeHead(302, { Location: other.url }).end());
    await openUrl(url.replace('//', '//user:secret@'), none);
    expect(server?.headers[0]?.authorization).toBe('Basic dXNlcjpzZWNyZXQ=');
    expect(other.headers[0]?.authorization).toBeUndefined();
    await other.close();
    await expect(openUrl('http://user:secret@127.0.0.1:1/', none)).rejects.toThrow(
      'Get "http://user:***@127.0.0.1:1/"',
    );
  });

  it('ends at once when the build is interrupted', async () => {
    const abort = new AbortController();
    const url = await serve((_request, response) => {
      response.write('x');
    });
    const options = { ...none, signal: abort.signal };
    const answer = await openUrl(url, options);
    setTimeout(() => abort.abort(), 20);
    await expect(saveBody(answer, join(folder, 'file'), options)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('saveBody', () => {
  it('unpacks what was packed for the way, and counts no such bytes against the length', async () => {
    const url = await serve((_request, response) => {
      const body = gzipSync('what was meant');
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': body.length }).end(body);
    });
    expect(await download(url)).toBe('what was meant');
    expect(server?.headers[0]?.['accept-encoding']).toBe('gzip');
  });

  it.each([
    ['a length', { 'Content-Length': '1000' }],
    ['chunks', {}],
  ])('knows a transfer by %s that was cut off', async (_how, headers) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, headers);
      response.write('part', () => setTimeout(() => response.destroy(), 20));
    });
    await expect(download(url)).rejects.toMatchObject({ code: 'LL_FETCH', message: 'unexpected EOF' });
  });

  it('knows gzip data that was cut off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(1000)).subarray(0, 20));
    });
    await expect(download(url)).rejects.toMatchObject({ code: 'LL_FETCH', message: 'unexpected EOF' });
  });

  it('tells of bytes and of how many', async () => {
    const url = await serve((_request, response) => response.writeHead(200, { 'Content-Length': '4' }).end('four'));
    const told: (readonly number[])[] = [];
    const options = { ...none, onProgress: (...bytes: number[]) => void told.push(bytes) };
    await saveBody(await openUrl(url, options), join(folder, 'file'), options);
    expect(told.at(-1)).toEqual([4, 4]);
  });
});

describe('a proxy', () => {
  it('is asked for the whole URL, with its own password', async () => {
    const proxy = await serve((request, response) => response.end(`by proxy: ${request.url}`));
    const env = { HTTP_PROXY: proxy.replace('//', '//p:q@') };
    const answer = await openUrl('http://example.invalid/a?b=c', { signal: undefined, env });
    const saved = await saveBody(answer, join(folder, 'file'), none);
    expect(readFileSync(saved.path, 'utf8')).toBe('by proxy: http://example.invalid/a?b=c');
    expect(server?.headers[0]).toMatchObject({ host: 'example.invalid', 'proxy-authorization': 'Basic cDpx' });
  });

  it('is asked for a way through where the URL is https, and says no in its own words', async () => {
    const asked: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      asked.push(String(request.url));
      socket.end('HTTP/1.1 403 Not For You\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const env = { https_proxy: `127.0.0.1:${(proxy.address() as net.AddressInfo).port}` };
    await expect(openUrl('https://example.invalid/a', { signal: undefined, env })).rejects.toThrow(
      'Get "https://example.invalid/a": Not For You',
    );
    expect(asked).toEqual(['example.invalid:443']);
    proxy.close();
    expect(existsSync(join(folder, 'file'))).toBe(false);
  });
});
