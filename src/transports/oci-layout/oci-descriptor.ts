import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type Digest, isDigest } from '../../formats/digest.ts';
import { type JsonValue, parseGoJson } from '../../formats/go-json.ts';

/** What an image is for, in Go's names. */
export interface OciPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What points to a blob (image-spec descriptor.md). */
export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations: ReadonlyMap<string, string>;
  readonly platform: OciPlatform | undefined;
}

type Fields = ReadonlyMap<string, JsonValue>;

/** Parses a document of an image layout. Throws LL_ARCHIVE where it is no object, LL_JSON. */
export function parseOciDocument(bytes: Buffer, what: string): Fields {
  const value = parseGoJson(bytes, { maxLength: bytes.length });
  if (value instanceof Map) return value;
  throw badLayout(`${what} is no object`);
}

/** The descriptors of a list; none where it is missing. Throws LL_ARCHIVE, LL_LIMIT above `limit` of them. */
export function descriptorList(fields: Fields, key: string, limit: number): readonly OciDescriptor[] {
  const list = fields.get(key) ?? [];
  if (!isList(list)) throw badLayout(`${key} is no list`);
  if (list.length > limit) throw new LayerlabError('LL_LIMIT', `an OCI document lists more than ${limit} ${key}`);
  return list.map((item) => parseDescriptor(item, key));
}

/** One descriptor. Throws LL_ARCHIVE where it is none: only sha256 is read. */
export function parseDescriptor(value: JsonValue | undefined, what: string): OciDescriptor {
  if (!(value instanceof Map)) throw badLayout(`${what} holds no descriptor`);
  const fields: Fields = value;
  const digest = textOf(fields, 'digest');
  const size = fields.get('size');
  const bytes = typeof size === 'number' ? size : -1;
  if (!isDigest(digest))
    throw badLayout(`${what} holds ${JSON.stringify(digest.slice(0, 100))}, which is no sha256 digest`);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw badLayout(`${what} holds no valid size`);
  return {
    mediaType: textOf(fields, 'mediaType'),
    digest,
    size: bytes,
    annotations: annotationsOf(fields.get('annotations')),
    platform: platformOf(fields.get('platform')),
  };
}

function annotationsOf(value: JsonValue | undefined): ReadonlyMap<string, string> {
  if (!(value instanceof Map)) return new Map();
  const fields: Fields = value;
  return new Map([...fields].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function platformOf(value: JsonValue | undefined): OciPlatform | undefined {
  if (!(value instanceof Map)) return undefined;
  const variant = textOf(value, 'variant');
  const [os, architecture] = [textOf(value, 'os'), textOf(value, 'architecture')];
  return { os, architecture, ...(variant === '' ? {} : { variant }) };
}

function textOf(fields: Fields, key: string): string {
  const value = fields.get(key);
  return typeof value === 'string' ? value : '';
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function badLayout(why: string): LayerlabError {
  return new LayerlabError('LL_ARCHIVE', `the OCI image layout cannot be used: ${why}`);
}
