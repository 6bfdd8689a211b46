import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseGitUrl } from '../../../src/formats/git-url.ts';
import { fetchGit, type GitRequest, resolveGit } from '../../../src/transports/git-source.ts';
import type { LocalServer } from '../http/local-server.ts';
import { newRepository, type Repository, serveRepositories } from './repository.ts';

const options = { signal: undefined, keys: 'none' as const };
let folder: string;
let server: LocalServer;
let repository: Repository;
let [first, second] = ['', ''];
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-git-'));
  repository = newRepository(join(folder, 'work'));
  mkdirSync(join(repository.work, 'd/e'), { recursive: true });
  writeFileSync(join(repository.work, 'd/e/f'), 'deep\n', { mode: 0o600 });
  writeFileSync(join(repository.work, 'run'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('d', join(repository.work, 'link'));
  first = repository.commit();
  repository.git('tag', '-a', '-m', 'x', 'heavy');
  repository.git('branch', 'side/branch');
  writeFileSync(join(repository.work, 'two'), 'two\n');
  second = repository.commit();
  server = await serveRepositories(folder, { repo: repository });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function request(rest: string, more: Partial<GitRequest> = {}): GitRequest {
  const url = parseGitUrl(`${server.url}/repo.git${rest}`);
  if (url === undefined) throw new Error('no git URL');
  return { url, keepGitDir: false, checksum: url.checksum, ...more };
}

async function checkout(asked: GitRequest): Promise<string> {
  const scratch = join(folder, `scratch-${count++}`);
  mkdirSync(scratch);
  return fetchGit(asked, await resolveGit(asked, options), scratch, options);
}

describe('a git repository', () => {
  it.each([
    ['', () => second],
    ['#main', () => second],
    ['#side/branch', () => first],
    ['#refs/heads/side/branch', () => first],
    ['?branch=side/branch', () => first],
    ['#heavy', () => first],
    ['?tag=heavy', () => first],
  ])('%j leads to its commit', async (rest, commit) => {
    expect((await resolveGit(request(rest), options)).sha).toBe(commit());
  });

  it('is not asked which commit a commit is', async () => {
    const before = server.asked.length;
    const sha = 'f'.repeat(40);
    expect(await resolveGit(request(`#${sha}`), options)).toEqual({ ref: sha, sha });
    expect((await resolveGit(request('#main', { checksum: sha }), options)).sha).toBe(sha);
    expect(server.asked.length).toBe(before);
  });

  it('gives files 0644 or 0755 whatever umask reigns, links as links, and no .git', async () => {
    const umask = process.umask(0o077);
    try {
      const tree = await checkout(request('#heavy'));
      const mode = (path: string): number => lstatSync(join(tree, path)).mode & 0o7777;
      expect([mode('run'), mode('d/e/f'), mode('d/e')]).toEqual([0o755, 0o644, 0o755]);
      expect(readlinkSync(join(tree, 'link'))).toBe('d');
      expect([existsSync(join(tree, '.git')), existsSync(join(tree, 'two'))]).toEqual([false, false]);
    } finally {
      process.umask(umask);
    }
  });

  it('gives a folder of it alone, and a commit by its name', async () => {
    expect(readFileSync(join(await checkout(request(`#${first}:/d/../d/e`)), 'f'), 'utf8')).toBe('deep\n');
  });

  it('keeps a .git that knows neither this host nor a password', async () => {
    const asked = request('#heavy', { keepGitDir: true });
    const url = { ...asked.url, remote: asked.url.remote.replace('//', '//user:secret@') };
    const tree = await checkout({ ...asked, url });
    const config = readFileSync(join(tree, '.git/config'), 'utf8');
    expect(config).toContain(`url = ${server.url.replace('//', '//xxxxx:xxxxx@')}/repo.git`);
    expect(config).not.toMatch(/secret|file:/);
    expect(readFileSync(join(tree, '.git/HEAD'), 'utf8')).toBe(`${first}\n`);
    expect(existsSync(join(tree, '.git/FETCH_HEAD'))).toBe(false);
  });

  it.each([
    ['#main', { checksum: 'zz' }, 'invalid checksum zz for Git URL, expected hex commit hash'],
    ['#main', { checksum: '0123abc' }, 'expected checksum to match 0123abc, got '],
    ['#nope', {}, 'repository does not contain ref nope, output: ""'],
    ['#mai?', {}, 'repository does not contain ref mai?, output: '],
    ['#main:nope', {}, 'invalid subdir /nope: failed to lstat "nope": statat nope: no such file or directory'],
    ['#main:run', {}, 'invalid subdir /run: git subpath "/run" contains non-directory "run"'],
    [`#${'f'.repeat(40)}`, {}, 'failed to fetch remote '],
  ])('%s %j is refused in the words of BuildKit', async (rest, more, message) => {
    await expect(checkout(request(rest, more))).rejects.toMatchObject({
      code: 'LL_FETCH',
      message: expect.stringContaining(message),
    });
  });

  it('is held against a checksum when it comes, too', async () => {
    await expect(checkout(request('#main', { checksum: first }))).rejects.toThrow(
      `expected checksum to match ${first}, got ${second}`,
    );
    expect(existsSync(join(await checkout(request('#main', { checksum: second })), 'two'))).toBe(true);
  });

  it('is the commit that was asked for, also where the ref has moved since', async () => {
    const asked = request('#main');
    const moved = async (sha: string): Promise<string> => {
      const scratch = join(folder, `scratch-${count++}`);
      mkdirSync(scratch);
      return fetchGit(asked, { ref: 'main', sha }, scratch, options);
    };
    expect(existsSync(join(await moved(first), 'two'))).toBe(false);
    await expect(moved('f'.repeat(40))).rejects.toThrow(
      `fetched ref main does not match expected commit ${'f'.repeat(40)} and commit can not be found in the repository`,
    );
  });

  it('says so where there is no git', async () => {
    await expect(resolveGit(request(''), { ...options, env: { PATH: '/nonexistent' } })).rejects.toMatchObject({
      code: 'LL_FETCH',
      hint: 'Install git: repositories are fetched with it.',
    });
  });

  it('is asked by ssh with the keys of an agent alone', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const said = join(folder, 'ssh-said');
    // Stands in for ssh: notes what it is given, and carries the command out on this host.
    const fake = `#!/bin/sh\necho "$SSH_AUTH_SOCK $HOME $*" >> ${said}\nfor last; do :; done\nexec sh -c "$last"\n`;
    writeFileSync(join(bin, 'ssh'), fake, { mode: 0o755 });
    const url = parseGitUrl(`ssh://git@example.org${repository.work}/.git#main`);
    if (url === undefined) throw new Error('no git URL');
    const asked = { url, keepGitDir: false, checksum: '' };
    const env = { PATH: `${bin}:${process.env.PATH}`, SSH_AUTH_SOCK: '/own/agent' };
    const withAgent = { ...options, keys: { agent: '/build/agent' }, env };
    const scratch = join(folder, `scratch-${count++}`);
    mkdirSync(scratch);
    const tree = await fetchGit(asked, await resolveGit(asked, withAgent), scratch, withAgent);
    expect(readFileSync(join(tree, 'two'), 'utf8')).toBe('two\n');
    for (const line of readFileSync(said, 'utf8').trim().split('\n')) {
      expect(line).toMatch(/^\/build\/agent \/dev\/null .*-F \/dev\/null -o IdentityFile=\/dev\/null /);
    }
  });

  it('is not asked by ssh where no agent was handed over', async () => {
    const url = parseGitUrl('ssh://git@example.org/x.git');
    if (url === undefined) throw new Error('no git URL');
    await expect(resolveGit({ url, keepGitDir: false, checksum: '' }, options)).rejects.toMatchObject({
      code: 'LL_FETCH',
      message: 'no SSH key "default" forwarded from the client',
    });
  });

  it('is let go at once when the build is interrupted', async () => {
    const signal = AbortSignal.abort();
    await expect(resolveGit(request(''), { ...options, signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
