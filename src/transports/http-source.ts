import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { parseHttpTime } from '../formats/http-time.ts';
import { ioError } from '../host/io-error.ts';
import { dialWords, getError } from './http/failure.ts';
import { request } from './http/request.ts';

export interface FetchOptions {
  readonly signal: AbortSignal | undefined;
  /** Bytes so far and of how many; 0 where that is not known. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly userAgent?: string;
  /** Where proxies and certificates are looked up; this process's unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The head of an answer. `body` has to be read or destroyed. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly etag: string;
  readonly contentDisposition: string | undefined;
  /** Seconds since 1970; undefined where the server does not tell, or nonsense. */
  readonly lastModified: number | undefined;
  readonly body: IncomingMessage;
}

/** A file that was downloaded. */
export interface Download {
  readonly path: ByteString;
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** So many requests one URL may take, redirects among them: Go's client stops there. */
const MAX_REQUESTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for a URL as dockerd does, redirects followed, to http and https alone.
 *
 * @throws LL_FETCH in the words of Go's client; the status of an answer is the caller's business
 */
export async function openUrl(
  url: string,
  options: FetchOptions,
  exchange: { readonly method?: 'GET' | 'HEAD'; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<HttpAnswer> {
  const headers = {
    'User-Agent': options.userAgent ?? 'layerlab',
    'Accept-Encoding': 'gzip',
    ...exchange.headers,
  };
  let at = parse(url, undefined);
  let shown = shownUrl(url);
  for (let count = 1; ; count += 1) {
    const path = count === 1 ? untidyPath(url) : undefined;
    const answer = await ask(at, shown, { method: exchange.method ?? 'GET', headers, options, path });
    const status = answer.statusCode ?? 0;
    const { location } = answer.headers;
    if (!REDIRECTS.has(status) || location === undefined || location === '') return headOf(answer);
    answer.destroy();
    shown = shownUrl(location);
    at = parse(location, at);
    if (count >= MAX_REQUESTS) throw getError(shown, `stopped after ${MAX_REQUESTS} redirects`);
  }
}

/** Reads the body of an answer into a new file, unpacked where the server packed it for the way. Memory stays flat. */
export async function saveBody(answer: HttpAnswer, path: ByteString, options: FetchOptions): Promise<Download> {
  const { body } = answer;
  const packed = body.headers['content-encoding'] === 'gzip';
  const total = packed ? 0 : Number(body.headers['content-length'] ?? 0) || 0;
  const source = packed ? pipeline(body, createGunzip(), () => undefined) : body;
  const hash = createHash('sha256');
  let size = 0;
  const fd = create(path);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length;
      hash.update(chunk);
      writeAll(fd, chunk);
      options.onProgress?.(size, total);
    }
    if (!body.complete) throw new LayerlabError('LL_FETCH', 'unexpected EOF');
  } catch (error) {
    body.destroy();
    throw readFailure(error, options.signal);
  } finally {
    closeSync(fd);
  }
  return { path, size, sha256: hash.digest('hex') };
}

/** At most so many bytes of a body, as text: what a server says with an error. */
export async function bodyText({ body }: HttpAnswer, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) break;
    }
  } catch {
    // What came is shown.
  }
  body.destroy();
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8').trim();
}

function parse(text: string, base: URL | undefined): URL {
  if (base === undefined && /^https?:\/\/(?:[?#/]|$)/.test(text)) {
    throw getError(text.replace(/\/\/$/, ''), 'http: no Host in request URL');
  }
  let url: URL;
  try {
    url = new URL(text, base);
  } catch (error) {
    const why = /\/\/(?:[^/@]*@)?\[[^\]]*$/.test(text) ? "missing ']' in host" : 'invalid URL';
    throw new LayerlabError('LL_FETCH', `parse ${JSON.stringify(shownUrl(text))}: ${why}`, { cause: error });
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw getError(shownUrl(text), `unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`);
}

async function ask(
  url: URL,
  shown: string,
  exchange: {
    method: 'GET' | 'HEAD';
    headers: Readonly<Record<string, string>>;
    options: FetchOptions;
    path: string | undefined;
  },
): Promise<IncomingMessage> {
  const { method, headers, options, path } = exchange;
  try {
    return await request(url, { method, headers, signal: options.signal, env: options.env ?? process.env, path });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw getError(
      shown,
      dialWords(error, url.hostname, url.port || (url.protocol === 'https:' ? '443' : '80')),
      error,
    );
  }
}

function headOf(body: IncomingMessage): HttpAnswer {
  const { etag, 'content-disposition': contentDisposition, 'last-modified': modified } = body.headers;
  return {
    status: body.statusCode ?? 0,
    statusText: `${body.statusCode} ${body.statusMessage}`.trim(),
    etag: (etag ?? '').replace(/^W\//, ''),
    contentDisposition,
    lastModified: modified === undefined ? undefined : parseHttpTime(modified),
    body,
  };
}

/** The path and query of a URL with `.` and `..` in it, which Go sends as they are and Node does not. */
function untidyPath(text: string): string | undefined {
  const path = /^[^:]+:\/\/[^/?#]*([^#]*)/.exec(text)?.[1] ?? '';
  if (!/\/(?:\.|%2e){1,2}(?:[/?]|$)/i.test(path)) return undefined;
  return path.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
}

/** As Go shows it: the password is nobody's business. */
function shownUrl(text: string): string {
  return text.replace(/^(https?:\/\/[^/@:]*):[^/@]*@/, '$1:***@');
}

function create(path: ByteString): number {
  try {
    return openSync(fsPath(path), 'wx', 0o600);
  } catch (error) {
    throw ioError(error, 'keeping a download');
  }
}

function writeAll(fd: number, chunk: Buffer): void {
  try {
    for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
  } catch (error) {
    throw ioError(error, 'keeping a download');
  }
}

function readFailure(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof LayerlabError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new LayerlabError('LL_FETCH', 'unexpected EOF', { cause: error });
  }
  if (code.startsWith('Z_')) return new LayerlabError('LL_FETCH', `gzip: invalid data`, { cause: error });
  return new LayerlabError('LL_FETCH', message, { cause: error });
}
