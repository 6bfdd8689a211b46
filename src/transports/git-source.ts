import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { normalize } from 'node:path/posix';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { GitUrl } from '../formats/git-url.ts';
import { redactUrl } from '../formats/redact-url.ts';
import { checkRemote } from './git/check-remote.ts';
import { checkoutWithGitDir } from './git/keep-git-dir.ts';
import { GitFailure, type GitOptions, gitError, runGit } from './git/run-git.ts';

export type { GitOptions } from './git/run-git.ts';

/** What to fetch of a repository. */
export interface GitRequest {
  readonly url: GitUrl;
  readonly keepGitDir: boolean;
  /** Empty: any commit will do. */
  readonly checksum: string;
}

/** A ref, and the commit it leads to. */
export interface ResolvedGit {
  readonly ref: string;
  /** 40 or 64 hex digits: the commit, or the annotated tag where the tag itself is kept. */
  readonly sha: string;
}

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Asks a repository which commit a ref is now (buildkit source/git). A ref that is a commit, or a whole commit as
 * checksum, answers itself.
 *
 * @throws LL_FETCH in BuildKit's words
 */
export async function resolveGit(request: GitRequest, options: GitOptions): Promise<ResolvedGit> {
  const { url, checksum } = request;
  checkRequest(request, options);
  if (checksum !== '' && !/^[0-9a-fA-F]+$/.test(checksum)) {
    throw fetchError(`invalid checksum ${checksum} for Git URL, expected hex commit hash`);
  }
  if (SHA.test(url.ref)) {
    if (!url.ref.startsWith(checksum)) throw mismatch(checksum, url.ref);
    return { ref: url.ref, sha: url.ref };
  }
  if (SHA.test(checksum)) return { ref: url.ref, sha: checksum };
  const ref = url.ref === '' ? await defaultBranch(url.remote, options) : url.ref;
  const found = await lookUp(url.remote, ref, options);
  if (![found.sha, found.commit].some((sha) => sha.startsWith(checksum))) throw mismatch(checksum, found.commit);
  return { ref, sha: request.keepGitDir ? found.sha : found.commit };
}

/**
 * Fetches a commit into a folder of the caller's own, and says where the files are.
 *
 * @throws LL_FETCH; LL_BREAKOUT never: what would leave the repository is not found in it
 */
export async function fetchGit(
  request: GitRequest,
  resolved: ResolvedGit,
  scratch: string,
  options: GitOptions,
): Promise<string> {
  const { url, checksum } = request;
  const repository = join(scratch, 'repository');
  const tree = join(scratch, 'tree');
  mkdirSync(tree, { recursive: true, mode: 0o755 });
  const subdir = normalize(`/${url.subdir}`).slice(1).replace(/\/$/, '');
  const at = { gitDir: repository };
  const format = resolved.sha.length === 64 ? ['--object-format=sha256'] : [];
  await runGit(options, at, ['-c', 'init.defaultBranch=master', 'init', '--quiet', '--bare', ...format]);
  await runGit(options, at, ['remote', 'add', '--', 'origin', url.remote]);
  const ref = resolved.ref === '' ? await defaultBranch(url.remote, options) : resolved.ref;
  await fetchRef(url.remote, ref, at.gitDir, options);
  if (checksum !== '') await verify(ref, checksum, at.gitDir, options);
  const local = await hold(url.remote, ref, resolved.sha, at.gitDir, options);
  const keeps = request.keepGitDir && subdir === '';
  const gitDir = keeps ? await checkoutWithGitDir({ repository, tree, ref: local, url, format }, options) : repository;
  if (!keeps) {
    await failing('failed to checkout remote', url.remote, () =>
      runGit(options, { gitDir, workTree: tree }, ['checkout', '--quiet', local, '--', '.']),
    );
  }
  if (url.submodules !== false && existsSync(join(tree, '.gitmodules'))) {
    await failing('failed to update submodules for', url.remote, () =>
      withoutDepth(['submodule', 'update', '--init', '--recursive', '--depth=1'], (args) =>
        runGit(options, { gitDir, workTree: tree }, args),
      ),
    );
  }
  return subdir === '' ? tree : folderIn(tree, subdir, scratch);
}

function checkRequest({ url }: GitRequest, { keys }: GitOptions): void {
  if (/^-|[\s:\p{Cc}]/u.test(url.ref)) throw fetchError(`invalid git ref ${JSON.stringify(url.ref)}`);
  checkRemote(url.remote);
  if (url.scheme === 'ssh' && keys === 'none') {
    throw new LayerlabError('LL_FETCH', 'no SSH key "default" forwarded from the client', {
      hint: 'A Dockerfile uses keys of an agent that you hand to the build: --ssh default.',
    });
  }
}

async function defaultBranch(remote: string, options: GitOptions): Promise<string> {
  const said = await failing('error fetching default branch for repository', remote, () =>
    runGit(options, {}, ['ls-remote', '--symref', '--', remote, 'HEAD']),
  );
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said)?.[1];
  if (branch !== undefined) return branch;
  throw fetchError(`could not find default branch for repository: ${redactUrl(remote)}`);
}

/** A branch goes before a tag of the same name; an annotated tag has a hash of its own beside its commit's. */
async function lookUp(remote: string, ref: string, options: GitOptions): Promise<{ sha: string; commit: string }> {
  const said = await failing('failed to fetch remote', remote, () =>
    runGit(options, {}, ['ls-remote', '--', remote, ref, `${ref}^{}`]),
  );
  const shas = new Map(said.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
  const bare = (prefix: string): string => prefix + (ref.startsWith(prefix) ? ref.slice(prefix.length) : ref);
  const branch = shas.get(bare('refs/')) ?? shas.get(bare('refs/heads/'));
  const tag = bare('refs/tags/');
  const sha = branch ?? shas.get(tag);
  if (sha === undefined) {
    throw fetchError(`repository does not contain ref ${ref}, output: ${JSON.stringify(said)}`);
  }
  if (!SHA.test(sha)) throw fetchError(`invalid commit sha ${JSON.stringify(sha)}`);
  const isTag = branch === undefined || bare('refs/') === tag;
  return { sha, commit: (isTag ? shas.get(`${tag}^{}`) : undefined) ?? sha };
}

/** Fetches a ref alone, its history left where it is if the server can do that. */
async function fetchRef(remote: string, ref: string, gitDir: string, options: GitOptions): Promise<void> {
  const isSha = SHA.test(ref);
  const target = ref.startsWith('refs/tags/') ? ref : `tags/${ref}`;
  const what = isSha ? [ref] : ['--force', `${ref}:${target}`];
  await failing('failed to fetch remote', remote, async () => {
    try {
      await withoutDepth(['fetch', '--depth=1', '--no-tags', 'origin', ...what], (args) =>
        runGit(options, { gitDir }, args),
      );
    } catch (error) {
      const isHidden = error instanceof GitFailure && /not our ref|unadvertised object/.test(error.stderr);
      if (!isSha || !isHidden) throw error;
      // A server that gives no commit by its name gives the branches that it is on.
      await runGit(options, { gitDir }, ['fetch', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*']);
    }
  });
}

/**
 * What to check out so that it is the very commit that the ref led to when it was asked: the ref, unless it has moved since
 * (buildkit source/git tryRemoteFetch). The cache knows the files by that commit.
 */
async function hold(remote: string, ref: string, sha: string, gitDir: string, options: GitOptions): Promise<string> {
  if ((await namesOf(ref, gitDir, options)).includes(sha)) return ref;
  try {
    await fetchRef(remote, sha, gitDir, options);
    await runGit(options, { gitDir }, ['cat-file', '-e', sha]);
    return sha;
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    const what = `fetched ref ${ref} does not match expected commit ${sha}`;
    throw fetchError(`${what} and commit can not be found in the repository`);
  }
}

/** The tag or commit that a ref is, and the commit it leads to. */
async function namesOf(ref: string, gitDir: string, options: GitOptions): Promise<readonly string[]> {
  const said = await Promise.all(
    [ref, `${ref}^{}`].map((name) => runGit(options, { gitDir }, ['rev-parse', '--verify', '--end-of-options', name])),
  );
  return said.map((text) => text.trim());
}

async function verify(ref: string, checksum: string, gitDir: string, options: GitOptions): Promise<void> {
  const names = await namesOf(ref, gitDir, options);
  if (!names.some((sha) => sha.startsWith(checksum))) throw mismatch(checksum, names[1] ?? '');
}

/** A server or transport that knows no shallow fetch is asked for everything. */
async function withoutDepth<T>(args: readonly string[], run: (args: readonly string[]) => Promise<T>): Promise<T> {
  try {
    return await run(args);
  } catch (error) {
    if (!(error instanceof GitFailure) || !/--depth|shallow/.test(error.stderr)) throw error;
    return await run(args.filter((arg) => arg !== '--depth=1'));
  }
}

/**
 * The folder of a checkout that a URL names, moved out of it. No link is followed on the way (CVE-2026-33748).
 */
function folderIn(tree: string, subdir: string, scratch: string): string {
  let at = tree;
  for (const name of subdir.split('/')) {
    at = join(at, name);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) {
      throw fetchError(
        `invalid subdir /${subdir}: failed to lstat "${name}": statat ${name}: no such file or directory`,
      );
    }
    if (!stat.isDirectory()) {
      throw fetchError(`invalid subdir /${subdir}: git subpath "/${subdir}" contains non-directory "${name}"`);
    }
  }
  const folder = join(scratch, 'subdir');
  renameSync(at, folder);
  rmSync(tree, { recursive: true, force: true });
  return folder;
}

async function failing<T>(what: string, remote: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw gitError(error, what, remote);
  }
}

function mismatch(expected: string, got: string): LayerlabError {
  return fetchError(`expected checksum to match ${expected}, got ${got}`);
}

function fetchError(message: string): LayerlabError {
  return new LayerlabError('LL_FETCH', message);
}
