import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type JsonValue, parseGoJson } from '../../formats/go-json.ts';
import type { ArchiveIndex } from './archive-index.ts';

/** One image of a `manifest.json` (moby image/tarexport manifestItem). Names are as written. */
export interface ArchiveImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  /** Base first. */
  readonly layers: readonly string[];
  /** Image id that it was built from; empty where it does not say. */
  readonly parent: string;
}

const MANIFEST = 'manifest.json';
const MANIFEST_LIMIT = 16 << 20;
const MAX_IMAGES = 10_000;

/** Reads `manifest.json`. Throws LL_ARCHIVE where it is missing or not of this shape. */
export function readManifest(archive: ArchiveIndex): ArchiveImage[] {
  if (!archive.has(MANIFEST)) {
    throw new LayerlabError('LL_ARCHIVE', 'the archive has no manifest.json', {
      hint: archive.has('repositories')
        ? 'It was saved by Docker 1.9 or earlier: load it into a newer Docker and save it again.'
        : 'Only what `docker save` writes can be loaded; a root file system goes in by `layerlab import`.',
    });
  }
  const document = parseGoJson(archive.read(MANIFEST, MANIFEST_LIMIT), { maxLength: MANIFEST_LIMIT });
  if (document === null) {
    throw new LayerlabError('LL_ARCHIVE', 'invalid manifest, manifest cannot be null (but can be [])');
  }
  if (!isList(document)) throw invalid('it is no list');
  if (document.length > MAX_IMAGES)
    throw new LayerlabError('LL_LIMIT', `manifest.json names more than ${MAX_IMAGES} images`);
  return document.map((item) => ({
    config: text(item, 'Config'),
    repoTags: texts(item, 'RepoTags'),
    layers: texts(item, 'Layers'),
    parent: text(item, 'Parent'),
  }));
}

function text(item: JsonValue, key: string): string {
  const value = field(item, key) ?? '';
  if (typeof value !== 'string') throw invalid(`${key} is no text`);
  return value;
}

function texts(item: JsonValue, key: string): string[] {
  const value = field(item, key) ?? [];
  if (!isList(value)) throw invalid(`${key} is no list`);
  return value.map((one) => {
    if (typeof one !== 'string') throw invalid(`${key} is no list of texts`);
    return one;
  });
}

function field(item: JsonValue, key: string): JsonValue | undefined {
  if (!(item instanceof Map)) throw invalid('an image is no object');
  return item.get(key);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function invalid(why: string): LayerlabError {
  return new LayerlabError('LL_ARCHIVE', `manifest.json cannot be used: ${why}`);
}
