import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalServer, localServer } from '../http/local-server.ts';

const IDENTITY = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_AUTHOR_DATE: '1500000000 +0000',
  GIT_COMMITTER_DATE: '1500000000 +0000',
};

/** A repository in the making. */
export interface Repository {
  readonly work: string;
  git(...args: string[]): string;
  /** Commits everything; gives the commit. */
  commit(): string;
}

export function newRepository(work: string): Repository {
  mkdirSync(work, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', work, ...args], {
      encoding: 'utf8',
      env: IDENTITY,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git('init', '-q', '-b', 'main');
  return {
    work,
    git,
    commit: () => {
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'x');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** Serves `<folder>/<name>.git`, bare copies of repositories, as a web server without a clue does. */
export async function serveRepositories(
  folder: string,
  repositories: Readonly<Record<string, Repository>>,
): Promise<LocalServer> {
  for (const [name, { work }] of Object.entries(repositories)) {
    const bare = join(folder, `${name}.git`);
    rmSync(bare, { recursive: true, force: true });
    execFileSync('git', ['clone', '-q', '--bare', work, bare], { env: IDENTITY });
    execFileSync('git', ['-C', bare, 'update-server-info'], { env: IDENTITY });
  }
  return localServer((request, response) => {
    const path = join(folder, new URL(request.url ?? '/', 'http://x').pathname);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
}
