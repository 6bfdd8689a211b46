import http from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';

const BLOCK = 512;

/**
 * Clears the file type bits from the mode of every header of a tar stream.
 *
 * The classic builder hashes the headers of the context's tar into its `COPY file:…` history, and a client before Docker
 * 24 writes the type of a file into its mode. Debian's client is 20.10, so its hashes are not those of Docker 28; what
 * this makes of its stream is what a 28 client sends.
 */
export class PermissionBitsOnly extends Transform {
  private held: Buffer = Buffer.alloc(0);
  private content = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    while (rest.length > 0) {
      const length = this.content > 0 ? Math.min(this.content, rest.length) : BLOCK;
      if (rest.length < length) break;
      const part = rest.subarray(0, length);
      if (this.content > 0) this.content -= length;
      else this.content = clearTypeBits(part);
      this.push(part);
      rest = rest.subarray(length);
    }
    this.held = rest;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.held.length > 0) this.push(this.held);
    done();
  }
}

/** Changes the header in place; returns how many bytes of content and padding follow it. */
function clearTypeBits(block: Buffer): number {
  if (block[0] === 0 || block.toString('latin1', 257, 262) !== 'ustar') return 0;
  const number = (at: number, end: number) =>
    Number.parseInt(block.toString('latin1', at, end).replace(/[\0 ]/g, ''), 8);
  const mode = number(100, 108);
  block.write(`${(mode & 0o7777).toString(8).padStart(7, '0')}\0`, 100, 'latin1');
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Math.ceil((number(124, 136) || 0) / BLOCK) * BLOCK;
}

/** Listens on `listenPath` and passes every request on to the daemon's socket, contexts through {@link PermissionBitsOnly}. */
export async function startContextProxy(listenPath: string, daemonSocket: string): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = http.request({ socketPath: daemonSocket, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => {
      if (!response.headersSent) response.writeHead(502);
      response.end(JSON.stringify({ message: error.message }));
    });
    const isContext =
      method === 'POST' && /\/build\?/.test(url ?? '') && headers['content-type'] === 'application/x-tar';
    if (isContext) request.pipe(new PermissionBitsOnly()).pipe(onward);
    else request.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenPath, resolve);
  });
  return server;
}
