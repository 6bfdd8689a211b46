import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ContainerConfig } from './container-config.ts';
import { parseContainerConfig } from './container-config-json.ts';
import { type Digest, isDigest } from './digest.ts';
import { type JsonObject, type JsonValue, parseGoJson } from './go-json-parse.ts';
import { type JsonFields, jsonFields } from './json-fields.ts';

export {
  type BuildkitImageOptions,
  type ClassicImageOptions,
  encodeBuildkitImage,
  encodeClassicImage,
  encodeRestoredImage,
} from './image-config-encode.ts';

/** What one instruction left in an image. */
export interface HistoryRow {
  /** RFC 3339 text, kept as it is. */
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True where the row has no layer of its own. */
  readonly emptyLayer?: boolean;
}

/** The JSON document whose sha256 is the image id. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly author: string;
  readonly comment: string;
  /** RFC 3339 text, kept as it is; undefined where the image does not say. */
  readonly created: string | undefined;
  /** Id of the container that was committed; classic only. */
  readonly container: string;
  /** What that container was made with; classic only. */
  readonly containerConfig: ContainerConfig | undefined;
  readonly config: ContainerConfig | undefined;
  readonly dockerVersion: string;
  readonly history: readonly HistoryRow[];
  readonly diffIds: readonly Digest[];
  /** Top-level fields that moby does not know, such as BuildKit's inline cache. The encoders leave them out. */
  readonly unknown: JsonObject;
}

const KNOWN = new Set([
  'architecture',
  'author',
  'comment',
  'config',
  'container',
  'container_config',
  'created',
  'docker_version',
  'history',
  'id',
  'os',
  'os.features',
  'os.version',
  'parent',
  'rootfs',
  'size',
  'variant',
]);

/** Bytes that an image config may have: what containerd allows for one too. */
const MAX_CONFIG = 8 << 20;

/**
 * Reads an image config of either builder, or of another tool (moby image.NewFromJSON). Throws LL_JSON for malformed JSON and
 * fields of a wrong type, LL_CORRUPT for diff ids out of grammar, LL_LIMIT for documents over 8 MiB.
 */
export function parseImageConfig(bytes: Buffer | string): ImageConfig {
  const document = parseGoJson(bytes, { maxLength: MAX_CONFIG, maxDepth: 100 });
  const fields = jsonFields(document, '');
  const config = fields.object('config');
  const containerConfig = fields.object('container_config');
  const osFeatures = fields.texts('os.features');
  return {
    architecture: fields.text('architecture'),
    os: fields.text('os'),
    ...present('variant', fields.text('variant')),
    ...present('osVersion', fields.text('os.version')),
    ...(osFeatures === null ? {} : { osFeatures }),
    author: fields.text('author'),
    comment: fields.text('comment'),
    created: fields.optionalText('created'),
    container: fields.text('container'),
    containerConfig: containerConfig === undefined ? undefined : parseContainerConfig(containerConfig),
    config: config === undefined ? undefined : parseContainerConfig(config),
    dockerVersion: fields.text('docker_version'),
    history: fields.objects('history').map(parseHistoryRow),
    diffIds: (fields.object('rootfs')?.texts('diff_ids') ?? []).map(parseDiffId),
    unknown: unknownFields(document),
  };
}

// Thousands of rows in a listing: objects that are spread into one another took as long as reading the files.
function parseHistoryRow(row: JsonFields): HistoryRow {
  const parsed: { -readonly [Key in keyof HistoryRow]: HistoryRow[Key] } = {};
  const created = row.optionalText('created');
  const createdBy = row.text('created_by');
  const author = row.text('author');
  const comment = row.text('comment');
  if (created !== undefined) parsed.created = created;
  if (createdBy !== '') parsed.createdBy = createdBy;
  if (author !== '') parsed.author = author;
  if (comment !== '') parsed.comment = comment;
  if (row.flag('empty_layer')) parsed.emptyLayer = true;
  return parsed;
}

function parseDiffId(text: string): Digest {
  if (isDigest(text)) return text;
  throw new LayerlabError('LL_CORRUPT', `invalid diff id ${JSON.stringify(text.slice(0, 100))} in an image config`);
}

function unknownFields(document: JsonValue): JsonObject {
  const unknown = new Map<string, JsonValue>();
  if (!(document instanceof Map)) return unknown;
  for (const [key, value] of document) if (!KNOWN.has(key.toLowerCase())) unknown.set(key, value);
  return unknown;
}

function present<Key extends string>(key: Key, text: string): Partial<Record<Key, string>> {
  if (text === '') return {};
  const one: Partial<Record<Key, string>> = {};
  one[key] = text;
  return one;
}
