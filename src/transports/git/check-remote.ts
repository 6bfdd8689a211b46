import { LayerlabError } from '../../errors/layerlab-error.ts';
import { redactUrl } from '../../formats/redact-url.ts';

/** Refuses a remote that git or ssh would take for an option (CVE-2017-1000117, CVE-2018-17456): LL_FETCH. */
export function checkRemote(remote: string): void {
  const host = /^[a-zA-Z0-9]+:\/\/(?:[^/@]*@)?([^/:]*)/.exec(remote)?.[1] ?? /@([^:]*):/.exec(remote)?.[1] ?? '';
  if (!remote.startsWith('-') && !host.startsWith('-')) return;
  throw new LayerlabError(
    'LL_FETCH',
    `invalid git remote ${JSON.stringify(redactUrl(remote))}: what begins with a dash is no host`,
  );
}
