import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from '../../src/engine/build.ts';
import type { BuildEvent } from '../../src/engine/build-event.ts';
import type { BuildOptions, BuildResult } from '../../src/engine/build-options.ts';
import { tarEntry, wholeTar } from '../executor/context/make-tar.ts';
import { type LocalServer, localServer } from '../transports/http/local-server.ts';

let folder: string;
let server: LocalServer | undefined;
let answer: { status?: number; headers?: Record<string, string>; body?: string | Buffer };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-remote-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<string> {
  server = await localServer((request, response) => {
    response.writeHead(answer.status ?? 200, answer.headers).end(request.method === 'HEAD' ? undefined : answer.body);
  });
  return server.url;
}

function run(dockerfileText: string, more: Partial<BuildOptions> = {}): Promise<BuildResult> {
  return build({ dataRoot: join(folder, 'root'), context: undefined, dockerfileText, ...more });
}

function tar(files: Readonly<Record<string, string>>): Buffer {
  return wholeTar(...Object.entries(files).map(([name, content]) => tarEntry(name, { content })));
}

describe('ADD of a URL', () => {
  it('asks with the ETag, and downloads no second time what is in the cache', async () => {
    const url = await serve();
    answer = { headers: { ETag: '"1"' }, body: 'x' };
    expect((await run(`FROM scratch\nADD ${url}/f /f\n`)).cachedSteps).toBe(0);
    expect((await run(`FROM scratch\nADD ${url}/f /f\n`)).cachedSteps).toBe(1);
    expect(server?.asked).toEqual(['GET /f', 'HEAD /f']);
    expect(server?.headers[1]).toMatchObject({ 'if-none-match': '"1"' });
    answer = { headers: { ETag: '"2"' }, body: 'y' };
    expect((await run(`FROM scratch\nADD ${url}/f /f\n`)).cachedSteps).toBe(0);
    expect((await run(`FROM scratch\nADD ${url}/f /f\n`, { noCache: true })).cachedSteps).toBe(0);
    expect(server?.asked.slice(2)).toEqual(['HEAD /f', 'GET /f', 'GET /f']);
  });

  it.each([
    ['hangs up on HEAD', (response: ServerResponse) => void response.destroy()],
    ['answers it with an error', (response: ServerResponse) => void response.writeHead(405).end()],
    ['says 304 of another file', (response: ServerResponse) => void response.writeHead(304, { ETag: '"9"' }).end()],
  ])('gets the file from a server that %s', async (_how, head) => {
    server = await localServer((request, response) => {
      if (request.method === 'HEAD') head(response);
      else response.writeHead(200, { ETag: '"1"' }).end('x');
    });
    await run(`FROM scratch\nADD ${server.url}/f /f\n`);
    expect((await run(`FROM scratch\nADD ${server.url}/f /f\n`)).cachedSteps).toBe(1);
    expect(server.asked).toEqual(['GET /f', 'HEAD /f', 'GET /f']);
  });

  it('does not fall for a 304 of an ETag that is no longer what was built', async () => {
    const url = await serve();
    answer = { headers: { ETag: '"1"' }, body: 'one' };
    await run(`FROM scratch\nADD ${url}/f /f\n`);
    answer = { headers: { ETag: '"1"' }, body: 'two' };
    // The layer of another destination was never built: the file has to be fetched, and is what it is now.
    const lying = await run(`FROM scratch\nADD ${url}/f /g\n`);
    expect(lying.cachedSteps).toBe(0);
    expect((await run(`FROM scratch\nADD ${url}/f /g\n`)).cachedSteps).toBe(1);
    // Nothing is kept under the digest that it did not have.
    answer = { body: 'one' };
    const sum = createHash('sha256').update('one').digest('hex');
    const honest = await run(`FROM scratch\nADD --checksum=sha256:${sum} ${url}/f /g\n`);
    expect(honest.cachedSteps).toBe(0);
    expect(honest.imageId).not.toBe(lying.imageId);
  });

  it('takes a file of the same name and content from the cache, wherever it is', async () => {
    const url = await serve();
    answer = { body: 'x' };
    await run(`FROM scratch\nADD ${url}/a/f /d/\n`);
    expect((await run(`FROM scratch\nADD ${url}/b/f /d/\n`)).cachedSteps).toBe(1);
    expect((await run(`FROM scratch\nADD ${url}/b/g /d/\n`)).cachedSteps).toBe(0);
  });

  it('counts what is copied beside it', async () => {
    const url = await serve();
    answer = { body: 'x' };
    const context = join(folder, 'context');
    mkdirSync(context);
    writeFileSync(join(context, 'local'), 'one');
    const text = `FROM scratch\nADD ${url}/f local /d/\n`;
    expect((await run(text, { context })).cachedSteps).toBe(0);
    expect((await run(text, { context })).cachedSteps).toBe(1);
    writeFileSync(join(context, 'local'), 'two');
    expect((await run(text, { context })).cachedSteps).toBe(0);
  });

  it('leaves nothing behind when it fails', async () => {
    const url = await serve();
    answer = { status: 500 };
    for (const builder of ['buildkit', 'classic'] as const) {
      await expect(run(`FROM scratch\nADD ${url}/f /f\n`, { builder })).rejects.toMatchObject({
        code: 'LL_FETCH',
        location: { startLine: 2 },
      });
    }
    expect(readdirSync(join(folder, 'root/layerlab/tmp'))).toEqual([]);
    expect(readdirSync(join(folder, 'root/overlay2'))).toEqual(['l']);
  });

  it('stops in the middle when the build is interrupted', async () => {
    server = await localServer((_request, response) => {
      response.write('x');
    });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    await expect(run(`FROM scratch\nADD ${server.url}/f /f\n`, { signal: abort.signal })).rejects.toMatchObject({
      code: 'LL_INTERRUPTED',
    });
    expect(readdirSync(join(folder, 'root/layerlab/tmp'))).toEqual([]);
  });

  it('tells of the bytes that came', async () => {
    const url = await serve();
    const body = 'x'.repeat(300_000);
    answer = { body, headers: { 'Content-Length': String(body.length) } };
    const events: BuildEvent[] = [];
    await run(`FROM scratch\nADD ${url}/f /f\n`, { onEvent: (event) => events.push(event) });
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'vertex-status',
        name: 'downloading',
        current: 300_000,
        total: 300_000,
        done: true,
      }),
    );
  });
});

describe('ADD of an archive and a file', () => {
  it('is done again when the file alone changed', async () => {
    const context = join(folder, 'context');
    mkdirSync(context);
    writeFileSync(join(context, 'a.tar'), tar({ in: 'x' }));
    writeFileSync(join(context, 'f'), 'one');
    const text = 'FROM scratch\nADD a.tar f /d/\n';
    const layers = async () => (await run(text, { context })).cachedSteps;
    expect([await layers(), await layers()]).toEqual([0, 1]);
    writeFileSync(join(context, 'f'), 'two');
    expect(await layers()).toBe(0);
    utimesSync(join(context, 'f'), 1, 1);
    expect(await layers()).toBe(1);
  });
});

describe('a context from elsewhere', () => {
  it('is empty beside a Dockerfile alone, but for the Dockerfile with classic', async () => {
    expect((await run('FROM scratch\nCOPY . /x/\n')).layers).toBe(1);
    await expect(run('FROM scratch\nCOPY Dockerfile /\n')).rejects.toMatchObject({ code: 'LL_SOURCE_NOT_FOUND' });
    expect((await run('FROM scratch\nCOPY Dockerfile /\n', { builder: 'classic' })).layers).toBe(1);
  });

  it('may be a tar whose Dockerfile is called in small letters', async () => {
    const send = async function* () {
      yield gzipSync(tar({ dockerfile: 'FROM scratch\nCOPY f /\n', f: 'x' }));
    };
    for (const builder of ['buildkit', 'classic'] as const) {
      const options = { dataRoot: join(folder, 'root'), context: undefined, contextArchive: send(), builder };
      expect((await build(options)).layers).toBe(1);
    }
  });

  it('may have its Dockerfile from stdin, or BuildKit`s from this host', async () => {
    const url = await serve();
    answer = { body: tar({ f: 'x' }) };
    const file = join(folder, 'Own');
    writeFileSync(file, 'FROM scratch\nCOPY f /\n');
    expect((await run('FROM scratch\nCOPY f /\n', { context: `${url}/x.tar` })).layers).toBe(1);
    const options = { dataRoot: join(folder, 'root'), context: `${url}/x.tar`, file };
    expect((await build(options)).layers).toBe(1);
    await expect(build({ ...options, builder: 'classic' })).rejects.toMatchObject({ code: 'LL_CONTEXT' });
  });

  it('is refused where its Dockerfile is empty', async () => {
    const url = await serve();
    answer = { body: '' };
    for (const [builder, message] of [
      ['buildkit', 'the Dockerfile cannot be empty'],
      ['classic', 'the Dockerfile (Dockerfile) cannot be empty'],
    ] as const) {
      const options = { dataRoot: join(folder, 'root'), context: `${url}/x`, builder };
      await expect(build(options)).rejects.toMatchObject({ code: 'LL_CONTEXT', message });
    }
  });

  it('leaves nothing behind, and lets go when it is interrupted', async () => {
    const abort = new AbortController();
    const slow = async function* () {
      yield tar({ f: 'x' }).subarray(0, 512);
      setTimeout(() => abort.abort(), 20);
      await new Promise(() => undefined);
    };
    const options = {
      dataRoot: join(folder, 'root'),
      context: undefined,
      contextArchive: slow(),
      signal: abort.signal,
    };
    await expect(build(options)).rejects.toMatchObject({ code: 'LL_INTERRUPTED' });
    expect(readdirSync(join(folder, 'root/layerlab/tmp'))).toEqual([]);
  });
});
