import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { normalize } from 'node:path/posix';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { GitUrl } from '../../formats/git-url.ts';
import { checkRemote } from './check-remote.ts';
import { GitFailure, type GitOptions, runGit } from './run-git.ts';

const PREFIX = "unable to prepare context: unable to 'git clone' to temporary context directory:";

/**
 * Clones a repository that is to be the context of a classic build, as docker's client does (moby
 * builder/remotecontext/git): with its `.git`, and `master` where the URL names no ref.
 *
 * @returns the folder that is the context
 * @throws LL_FETCH in docker's words
 */
export async function classicClone(url: GitUrl, root: string, options: GitOptions): Promise<string> {
  const ref = url.ref === '' ? 'master' : url.ref;
  if (/^-|[\s\p{Cc}]/u.test(ref)) {
    throw new LayerlabError('LL_FETCH', `${PREFIX} invalid refspec: ${JSON.stringify(ref)}`);
  }
  checkRemote(url.remote);
  mkdirSync(root, { recursive: true, mode: 0o755 });
  const at = { gitDir: join(root, '.git'), workTree: root };
  const git = (args: readonly string[]): Promise<string> => runGit(options, at, args);
  await git(['-c', 'init.defaultBranch=master', 'init', '--quiet']);
  await git(['remote', 'add', '--', 'origin', url.remote]);
  await failing('error fetching', async () => {
    try {
      await git(['fetch', '--depth', '1', 'origin', ref]);
    } catch (error) {
      if (!(error instanceof GitFailure) || !/--depth|shallow/.test(error.stderr)) throw error;
      await git(['fetch', 'origin', ref]);
    }
  });
  await failing(`error checking out ${ref}`, async () => {
    try {
      await git(['checkout', ref]);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      await git(['checkout', 'FETCH_HEAD']);
    }
  });
  if (existsSync(join(root, '.gitmodules'))) {
    await failing('error initializing submodules', () =>
      git(['submodule', 'update', '--init', '--recursive', '--depth=1']),
    );
  }
  return folderOf(root, url.subdir);
}

/** No link is followed on the way. */
function folderOf(root: string, subdir: string): string {
  let at = root;
  for (const name of normalize(`/${subdir}`).split('/').filter(Boolean)) {
    at = join(at, name);
    if (lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    throw new LayerlabError('LL_FETCH', `${PREFIX} error setting git context, not a directory: ${subdir}`);
  }
  return at;
}

async function failing(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw new LayerlabError('LL_FETCH', `${PREFIX} ${what}: ${error.stderr}: exit status 128`, { cause: error });
  }
}
