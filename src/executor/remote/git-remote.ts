import { mkdirSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { RemoteSource } from '../../planner/step.ts';
import { fetchGit, type GitOptions, resolveGit } from '../../transports/git-source.ts';
import type { BuildEnv, StepReporter } from '../build-env.ts';
import { ContextTree } from '../context/context-tree.ts';
import { hashSources } from '../copy/hash-sources.ts';
import { loadingKey } from './cache-key-error.ts';
import type { OpenRemote } from './remote-source.ts';

type GitSource = Extract<RemoteSource, { kind: 'git' }>;

/** A git repository, known by the commit that its ref leads to (buildkit source/git shaToCacheKey). */
export async function openGitRemote(
  env: BuildEnv,
  source: GitSource,
  folder: ByteString,
  report: StepReporter,
): Promise<OpenRemote> {
  const agent = source.url.scheme === 'ssh' ? await env.secrets.agent('default') : undefined;
  const options: GitOptions = {
    signal: env.signal,
    onOutput: (stream, data) => report.output(stream, data),
    keys: agent === undefined ? 'none' : { agent },
  };
  const resolved = await loadingKey(() => resolveGit(source, options));
  const { subdir, submodules } = source.url;
  const ref = source.keepGitDir ? resolved.ref : null;
  const identity = JSON.stringify(['git', resolved.sha, ref, subdir, submodules ?? true, source.checksum]);
  return {
    label: '/',
    identity,
    fetch: async () => {
      mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
      const path = await fetchGit(source, resolved, fromByteString(folder), options);
      const tree = new ContextTree(toByteString(path), undefined, nowNanos(), 'buildkit');
      const found = { name: '', node: tree.root, path: '', realPath: '' };
      return { tree, found, identity, content: hashSources(tree, [found], env.dialect) };
    },
  };
}
