import { mkdirSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { buildkitFileName } from '../../formats/url-file-name.ts';
import type { RemoteSource } from '../../planner/step.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { type Download, type FetchOptions, type HttpAnswer, openUrl, saveBody } from '../../transports/http-source.ts';
import type { BuildEnv, StepReporter } from '../build-env.ts';
import { loadingKey } from './cache-key-error.ts';
import { downloadProgress } from './download-progress.ts';
import { downloadedNode } from './downloaded-node.ts';
import { findValidator, keepValidator } from './http-validators.ts';
import type { OpenRemote } from './remote-source.ts';

type HttpSource = Extract<RemoteSource, { kind: 'http' }>;

interface Had {
  readonly download: Download;
  /** Nanoseconds. */
  readonly time: bigint;
}

const NS = 1_000_000_000n;

/**
 * A file of a web server, as BuildKit knows it (buildkit source/http): by the digest that is asked for, by the ETag that
 * the server gave with it before, else by what it downloads.
 */
export async function openHttpRemote(
  env: BuildEnv,
  source: HttpSource,
  folder: ByteString,
  report: StepReporter,
): Promise<OpenRemote> {
  const { url, checksum } = source;
  const progress = downloadProgress((...told) => report.status(...told));
  const options: FetchOptions = { signal: env.signal, onProgress: progress.onProgress };
  let had: Had | undefined;
  const download = async (): Promise<Had> => {
    if (had !== undefined) return had;
    had = await downloadTo(env, url, folder, options);
    progress.done(had.download);
    return had;
  };
  const identity =
    checksum ??
    (await loadingKey(async () => {
      const known = env.noCache ? undefined : await revalidated(env, url, options);
      return `sha256:${known ?? (await download()).download.sha256}`;
    }));
  const label = buildkitFileName(url);
  return {
    label,
    identity,
    fetch: async () => {
      const { download: file, time } = await download();
      const content = `sha256:${file.sha256}`;
      if (checksum !== undefined && content !== checksum) {
        throw new LayerlabError('LL_FETCH', `digest mismatch ${content}: ${checksum}`, {
          hint: `What ${JSON.stringify(label)} holds is not what the Dockerfile asks for.`,
        });
      }
      const node = downloadedNode(file, time);
      const name = toByteString(label);
      return { tree: single(node), found: { name, node, path: name, realPath: name }, identity: content, content };
    },
  };
}

async function downloadTo(env: BuildEnv, url: string, folder: ByteString, options: FetchOptions): Promise<Had> {
  const answer = await openUrl(url, options);
  checkStatus(answer);
  mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
  const download = await saveBody(answer, `${folder}/file`, options);
  if (answer.etag !== '') keepValidator(env.store.paths, url, { etag: answer.etag, sha256: download.sha256 });
  return { download, time: BigInt(answer.lastModified ?? 0) * NS };
}

/** What a server with a good memory says without sending the file again: its digest, where it is still the same. */
async function revalidated(env: BuildEnv, url: string, options: FetchOptions): Promise<string | undefined> {
  const known = findValidator(env.store.paths, url);
  if (known === undefined) return undefined;
  const answer = await head(url, known.etag, options);
  if (answer === undefined) return undefined;
  answer.body.destroy();
  const same = answer.etag === known.etag || (answer.status === 304 && answer.etag === '');
  return same && (answer.status === 200 || answer.status === 304) ? known.sha256 : undefined;
}

/** A server that knows no HEAD is asked for the file. */
async function head(url: string, etag: string, options: FetchOptions): Promise<HttpAnswer | undefined> {
  try {
    return await openUrl(url, options, { method: 'HEAD', headers: { 'If-None-Match': etag } });
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_FETCH') return undefined;
    throw error;
  }
}

function checkStatus({ status, etag, body }: HttpAnswer): void {
  if (status >= 200 && status < 400 && status !== 304) return;
  body.destroy();
  throw new LayerlabError(
    'LL_FETCH',
    status === 304 ? `invalid not-modified ETag: ${etag}` : `invalid response status ${status}`,
  );
}

/** A tree of one file is asked for nothing but the file. */
function single(root: FileNode): FileTree {
  return { root, child: () => undefined, names: () => [] };
}
