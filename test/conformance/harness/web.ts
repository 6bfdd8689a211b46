import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Compression, ContextEntry, GitRef, WebFile } from './case.ts';
import { COMPRESSORS, materialise } from './context.ts';

/** A web server that both tools ask: dockerd shares the host's network. */
export interface Web {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** What is served below `/<name>/` from now on. */
  publish(name: string, files: readonly WebFile[]): void;
  /** Serves a folder of the disk as it is below `/<name>/`. */
  publishFolder(name: string, folder: string): void;
  close(): Promise<void>;
}

/** Starts the server; it dies with the process at the latest. */
export async function openWeb(): Promise<Web> {
  const files = new Map<string, WebFile>();
  const folders = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const where = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const file = files.get(where);
    if (file !== undefined) return answer(file, request, response);
    const [, name = '', ...rest] = where.split('/');
    const folder = folders.get(name);
    const onDisk = folder === undefined ? undefined : path.join(folder, ...rest);
    if (onDisk === undefined || !fs.statSync(onDisk, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404);
      return response.end('nothing here\n');
    }
    return response.end(fs.readFileSync(onDisk));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish: (name, list) => {
      for (const file of list) files.set(`/${name}/${file.path}`, file);
    },
    publishFolder: (name, folder) => void folders.set(name, folder),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function answer(file: WebFile, request: http.IncomingMessage, response: http.ServerResponse): void {
  const body = Buffer.from(file.body ?? '');
  const { cut } = file;
  response.writeHead(file.status ?? 200, {
    ...(cut === undefined ? {} : { 'Content-Length': body.length }),
    ...file.headers,
  });
  if (request.method === 'HEAD') response.end();
  else if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}

/** The tar of some entries, names sorted, without an entry for the root. */
export function tarOf(entries: readonly ContextEntry[], compression: Compression, scratch: string): Buffer {
  const tree = fs.mkdtempSync(path.join(scratch, 'tar-'));
  try {
    materialise(tree, entries);
    const names = fs.readdirSync(tree).sort();
    const tar = execFileSync('tar', ['--format=gnu', '--sort=name', '-C', tree, '-cf', '-', '--', ...names]);
    const [command, ...options] = compression === 'none' ? [] : COMPRESSORS[compression];
    return command === undefined ? tar : execFileSync(command, options, { input: tar });
  } finally {
    fs.rmSync(tree, { recursive: true, force: true });
  }
}

/**
 * Makes a bare repository that a web server without a clue can serve: a commit for each list of entries on `main`, and
 * branches and tags as they are asked for.
 */
export function makeRepository(
  bare: string,
  commits: readonly (readonly ContextEntry[])[],
  refs: readonly GitRef[],
): void {
  const work = `${bare}.work`;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', work, ...args], { encoding: 'utf8', env: { ...process.env, ...IDENTITY } });
  fs.mkdirSync(work, { recursive: true });
  git('init', '-q', '-b', 'main');
  commits.forEach((entries, index) => {
    for (const name of fs.readdirSync(work)) if (name !== '.git') fs.rmSync(path.join(work, name), { recursive: true });
    materialise(work, entries);
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', `number ${index}`);
    for (const ref of refs.filter(({ at }) => at === index)) {
      if (ref.kind === 'branch') git('branch', ref.name);
      else git('tag', ...(ref.kind === 'annotated' ? ['-a', '-m', 'a tag'] : []), ref.name);
    }
  });
  execFileSync('git', ['clone', '-q', '--bare', work, bare], { env: { ...process.env, ...IDENTITY } });
  execFileSync('git', ['-C', bare, 'update-server-info']);
  fs.rmSync(work, { recursive: true, force: true });
}

/** Commits have the same names whenever the suite runs. */
const IDENTITY = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_AUTHOR_DATE: '1500000000 +0000',
  GIT_COMMITTER_DATE: '1500000000 +0000',
};
