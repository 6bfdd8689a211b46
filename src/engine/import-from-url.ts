import { mkdirSync, rmSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { redactUrl } from '../formats/redact-url.ts';
import { openStore } from '../store/store.ts';

/** So much of what a server says with an error is shown. */
const MAX_COMPLAINT = 16 * 1024;

/** Whether docker import takes a source for something to download. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** The comment of an image that came from a URL. Unlike docker's it tells no password. */
export function importedFrom(url: string): string {
  return `Imported from ${redactUrl(url)}`;
}

/**
 * Downloads a tar into the data-root's temporary folder, as the daemon does (moby api/server/router/image), and has something
 * done with the file, which goes afterwards.
 *
 * @param onProgress called with the bytes so far
 * @throws LL_FETCH in docker's words
 */
export async function withDownload<T>(
  {
    dataRoot,
    url,
    onProgress,
  }: { readonly dataRoot: string; readonly url: string; readonly onProgress?: (bytes: number) => void },
  work: (path: string) => Promise<T>,
): Promise<T> {
  const store = openStore(dataRoot, { mode: 'write' });
  const scratch: ByteString = `${store.paths.tmp}/${store.lease().id}-import`;
  try {
    mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
    await download(url, `${scratch}/sent`, onProgress);
    return await work(fromByteString(`${scratch}/sent`));
  } finally {
    rmSync(fsPath(scratch), { recursive: true, force: true });
    store.close();
  }
}

async function download(
  url: string,
  path: ByteString,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<void> {
  const { bodyText, openUrl, saveBody } = await import('../transports/http-source.ts');
  const answer = await openUrl(url, { signal: undefined });
  if (answer.status >= 400) {
    const said = await bodyText(answer, MAX_COMPLAINT);
    throw new LayerlabError('LL_FETCH', `failed to GET ${redactUrl(url)} with status ${answer.statusText}: ${said}`);
  }
  await saveBody(answer, path, { signal: undefined, ...(onProgress === undefined ? {} : { onProgress }) });
}
