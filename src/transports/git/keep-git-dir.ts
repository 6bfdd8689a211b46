import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GitUrl } from '../../formats/git-url.ts';
import { randomHex } from '../../formats/random.ts';
import { redactUrl } from '../../formats/redact-url.ts';
import { type GitOptions, gitError, runGit } from './run-git.ts';

export interface Checkout {
  /** The bare repository that holds what was fetched. */
  readonly repository: string;
  /** The folder to fill. */
  readonly tree: string;
  readonly ref: string;
  readonly url: GitUrl;
  /** What `git init` is told besides. */
  readonly format: readonly string[];
}

/**
 * Checks a commit out together with a `.git` of its own that knows this one commit (buildkit source/git), and says where
 * that is. Nothing in it tells of this host, and no password is left in it.
 */
export async function checkoutWithGitDir(checkout: Checkout, options: GitOptions): Promise<string> {
  const { repository, tree, url } = checkout;
  const gitDir = join(tree, '.git');
  const at = { gitDir, workTree: tree };
  const shown = redactUrl(url.remote);
  await runGit(options, at, ['-c', 'init.defaultBranch=master', 'init', '--quiet', ...checkout.format]);
  await runGit(options, at, ['remote', 'add', 'origin', `file://${repository}`]);
  const pulled = await pullRef(checkout, options);
  await runGit(options, { ...at, readsLocal: true }, ['fetch', '-u', '--depth=1', 'origin', pulled]);
  try {
    await runGit(options, at, ['checkout', 'FETCH_HEAD']);
  } catch (error) {
    throw gitError(error, 'failed to checkout remote', url.remote);
  }
  await runGit(options, at, ['remote', 'set-url', 'origin', shown]);
  await runGit(options, at, ['reflog', 'expire', '--all', '--expire=now']);
  rmSync(join(gitDir, 'FETCH_HEAD'), { force: true });
  return gitDir;
}

/** What the new `.git` asks of the repository: a tag stays a tag, a commit gets a name for the way. */
async function pullRef({ repository, ref }: Checkout, options: GitOptions): Promise<string> {
  const at = { gitDir: repository };
  const kind = (await runGit(options, at, ['cat-file', '-t', ref])).trim();
  if (kind === 'tag') return `${ref}:${ref.startsWith('refs/tags/') ? ref : `refs/tags/${ref}`}`;
  if (!/^[0-9a-f]{40,64}$/.test(ref)) return `${ref}:${ref}`;
  const name = `refs/buildkit/${randomHex(12)}`;
  await runGit(options, at, ['update-ref', name, ref]);
  return name;
}
