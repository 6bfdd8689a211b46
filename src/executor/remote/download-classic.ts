import { mkdirSync } from 'node:fs';
import { readBytes } from '../../committer/copy-bytes.ts';
import { tarEntryOf } from '../../committer/tar-entry-of.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fsPath, toByteString } from '../../formats/bytestring.ts';
import { redactUrl } from '../../formats/redact-url.ts';
import { beginTarsum } from '../../formats/tarsum.ts';
import { classicFileName, UNNAMED } from '../../formats/url-file-name.ts';
import type { BuildEnv, StepReporter } from '../build-env.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import { type DownloadProgress, downloadProgress } from './download-progress.ts';
import { downloadedNode } from './downloaded-node.ts';

const NS = 1_000_000_000n;
/** So much of what a server says with an error is shown. */
const MAX_COMPLAINT = 16 * 1024;
let downloads = 0;

/**
 * Downloads a source of ADD as the classic builder does (moby builder/dockerfile/copy.go): every time, and known
 * afterwards by name, mode and content. The file lies in the build's scratch folder until that is removed.
 *
 * @param destination tells whether the file needs a name of its own
 * @throws LL_FETCH in docker's words
 */
export async function downloadClassic(
  env: BuildEnv,
  url: string,
  destination: string,
  status: StepReporter['status'],
): Promise<FoundSource> {
  try {
    return await download(env, url, destination, downloadProgress(status));
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_FETCH') throw error;
    throw new LayerlabError('LL_FETCH', `ADD failed: ${error.message}`, { cause: error });
  }
}

async function download(
  env: BuildEnv,
  url: string,
  destination: string,
  progress: DownloadProgress,
): Promise<FoundSource> {
  const { bodyText, openUrl, saveBody } = await import('../../transports/http-source.ts');
  const options = { signal: env.signal, onProgress: progress.onProgress };
  const answer = await openUrl(url, options);
  if (answer.status >= 400) {
    const said = await bodyText(answer, MAX_COMPLAINT);
    throw new LayerlabError('LL_FETCH', `failed to GET ${redactUrl(url)} with status ${answer.statusText}: ${said}`);
  }
  const name = classicFileName(url, answer.contentDisposition);
  if (name === '.' || name === '..' || name.includes('\0') || (name === '' && destination.endsWith('/'))) {
    answer.body.destroy();
    throw new LayerlabError('LL_FETCH', `cannot determine filename for source ${redactUrl(url)}`, {
      hint: 'Name the file in the destination.',
    });
  }
  const folder = `${env.scratch}/downloads`;
  mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
  const file = await saveBody(answer, `${folder}/${++downloads}`, options);
  progress.done(file);
  const seconds = answer.lastModified ?? 0;
  const node = downloadedNode(file, seconds < 0 ? 0n : BigInt(seconds) * NS);
  const shown = toByteString(name === '' ? UNNAMED : name);
  const hash = beginTarsum(tarEntryOf(node, shown, undefined, env.dialect));
  readBytes(node.path, node.size, (chunk) => hash.update(chunk));
  return { name: shown, node, path: shown, realPath: shown, downloaded: hash.digest('hex') };
}
