import { LayerlabError } from '../../errors/layerlab-error.ts';

const DIAL: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
};

/** What went wrong on the way to a server, in the words that a Go program has for it. */
export function dialWords(error: unknown, host: string, port: string): string {
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code = '', address, message = String(cause) } = cause as NodeJS.ErrnoException & { address?: string };
  const words = DIAL[code];
  if (words !== undefined) return `dial tcp ${address ?? host}:${port}: ${words}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`;
  if (code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: temporary failure in name resolution`;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return message === 'socket hang up' ? 'EOF' : 'connection reset by peer';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) return `tls: failed to verify certificate: x509: ${message}`;
  return message;
}

/** The error for a URL that could not be had: LL_FETCH, `Get "<url>": <why>`. */
export function getError(shown: string, why: string, cause?: unknown): LayerlabError {
  return new LayerlabError('LL_FETCH', `Get ${JSON.stringify(shown)}: ${why}`, cause === undefined ? {} : { cause });
}
