import { LayerlabError } from '../errors/layerlab-error.ts';
import { type Digest, isDigest } from './digest.ts';
import { REFERENCE } from './reference-grammar.ts';

/** An image reference, normalised: the registry and the whole path are always there. */
export interface Reference {
  /** Such as `docker.io` or `localhost:5000`; empty for a name such as `my_host.com/app`, whose first part is no host. */
  readonly domain: string;
  /** Such as `library/alpine`. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

const HINT = 'A reference is [registry[:port]/]path[:tag][@digest]; the path is in lower case.';
const MAX_NAME = 255;

/**
 * Reads a reference as the Docker command line does: `alpine` is `docker.io/library/alpine` (distribution/reference
 * ParseNormalizedNamed). Throws LL_REFERENCE with Docker's own words.
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domain, remainder] = splitDomain(text);
  const colon = remainder.indexOf(':');
  const remote = colon < 0 ? remainder : remainder.slice(0, colon);
  if (remote.toLowerCase() !== remote) {
    throw invalid(`invalid reference format: repository name (${remote}) must be lowercase`);
  }
  // Far above any valid reference; keeps the grammar away from megabytes.
  const match = text.length > 4096 ? null : REFERENCE.exec(`${domain}/${remainder}`);
  if (match === null) throw invalid('invalid reference format');
  const [, registry = '', path = '', tag, digest] = match;
  if (path.length > MAX_NAME) throw invalid(`repository name must not be more than ${MAX_NAME} characters`);
  return { domain: registry, path, tag, digest: digest === undefined ? undefined : checkDigest(digest) };
}

/** The name as Docker shows it: `alpine`, `me/app`, `ghcr.io/me/app`. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return wholeName(reference);
  const [first, second, ...more] = reference.path.split('/');
  return first === 'library' && second !== undefined && more.length === 0 ? second : reference.path;
}

/** The familiar name with the tag and the digest that the reference has. */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** The whole reference: `docker.io/library/alpine:3.19`. */
export function canonicalString(reference: Reference): string {
  return wholeName(reference) + suffix(reference);
}

/** The same reference; the tag is `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

function wholeName({ domain, path }: Reference): string {
  return domain === '' ? path : `${domain}/${path}`;
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

function splitDomain(text: string): readonly [domain: string, remainder: string] {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  const domain = isDomain && first !== 'index.docker.io' ? first : 'docker.io';
  const remainder = isDomain ? text.slice(slash + 1) : text;
  return [domain, domain === 'docker.io' && !remainder.includes('/') ? `library/${remainder}` : remainder];
}

function checkDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const [algorithm = '', hex = ''] = text.split(':');
  const known: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
  const length = known[algorithm];
  if (length === undefined) throw invalid('unsupported digest algorithm');
  if (hex.length !== length) throw invalid('invalid checksum digest length');
  if (/[^0-9a-f]/.test(hex)) throw invalid('invalid checksum digest format');
  throw invalid(`unsupported digest algorithm ${algorithm}`);
}

function invalid(message: string): LayerlabError {
  return new LayerlabError('LL_REFERENCE', message, { hint: HINT });
}
