import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type Digest, digestOf, hexOf } from '../../formats/digest.ts';
import { encodeGoJson, type GoStruct, type GoValue, goStruct } from '../../formats/go-json.ts';
import { parseGoTime } from '../../formats/go-time.ts';
import type { ImageConfig } from '../../formats/image-config.ts';
import { canonicalString, familiarName, familiarString } from '../../formats/reference.ts';
import { layerTarSize } from '../../store/layer-tar.ts';
import { chainsOf } from '../../store/layerdb.ts';
import type { Store } from '../../store/store.ts';
import { legacyImages } from './legacy-image.ts';
import type { ImageToSave } from './save-archive.ts';

/** A file or folder of the archive. Content is either `bytes` or a layer's tar. */
export interface ArchiveFile {
  /** A folder's ends with `/`. */
  readonly name: string;
  readonly folder: boolean;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly bytes?: Buffer;
  /** Chain id. */
  readonly layer?: Digest;
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const BLOBS = 'blobs/sha256/';
const OCI_LAYOUT = '{"imageLayoutVersion": "1.0.0"}';

/** All files of an archive in the order of the tar: folders first, names sorted in each. */
export function archiveFiles(store: Store, images: readonly ImageToSave[]): ArchiveFile[] {
  const files = new Map<string, ArchiveFile>();
  // What several images share keeps the time that the first of them gave it.
  const add = (file: ArchiveFile): void => {
    if (!files.has(file.name)) files.set(file.name, file);
  };
  const manifest: GoValue[] = [];
  const index: GoValue[] = [];
  const repositories = new Map<string, Map<string, string>>();
  let lastTime = 0;
  for (const image of images) {
    const saved = describeImage(store, image);
    lastTime = saved.mtime;
    for (const file of saved.files) add(file);
    manifest.push(manifestItem(store, image, saved, images));
    index.push(...indexItems(image, saved, index.length === 0));
    for (const reference of image.references) {
      const name = familiarName(reference);
      const tags = repositories.get(name) ?? new Map<string, string>();
      repositories.set(name, tags.set(reference.tag ?? '', hexOf(saved.layers.at(-1)?.diffId ?? image.id)));
    }
  }
  add({ name: 'blobs/', folder: true, size: 0, mtime: lastTime });
  add({ name: BLOBS, folder: true, size: 0, mtime: lastTime });
  const indexJson = goStruct([
    ['schemaVersion', 2],
    ['mediaType', INDEX_TYPE],
    ['manifests', index],
  ]);
  add(small('index.json', Buffer.from(encodeGoJson(indexJson)), 0));
  add(small('manifest.json', Buffer.from(`${encodeGoJson(manifest)}\n`), 0));
  add(small('oci-layout', Buffer.from(OCI_LAYOUT), 0));
  if (repositories.size > 0) add(small('repositories', Buffer.from(`${encodeGoJson(repositories)}\n`), 0));
  return [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface SavedLayer {
  readonly diffId: Digest;
  readonly size: number;
}

interface SavedImage {
  readonly files: readonly ArchiveFile[];
  readonly layers: readonly SavedLayer[];
  readonly manifest: Buffer;
  readonly mtime: number;
}

function describeImage(store: Store, { id }: ImageToSave): SavedImage {
  const bytes = store.images.get(id);
  const config = store.images.config(id);
  if (bytes === undefined || config === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such image: ${id}`);
  if (config.diffIds.length === 0) {
    throw new LayerlabError('LL_ARCHIVE', 'empty export - not implemented', {
      hint: 'The image has no layers, and docker cannot save such an image either.',
    });
  }
  const mtime = createdSeconds(config);
  const chains = chainsOf(config.diffIds);
  const layers: SavedLayer[] = [];
  const files: ArchiveFile[] = [];
  for (const [index, chain] of chains.entries()) {
    const { diffId } = store.layers.require(chain);
    const size = layerTarSize(store, chain);
    layers.push({ diffId: config.diffIds[index] ?? diffId, size });
    files.push({ name: `${BLOBS}${hexOf(diffId)}`, folder: false, size, mtime, layer: chain });
  }
  const manifest = Buffer.from(
    encodeGoJson(
      goStruct([
        ['schemaVersion', 2],
        ['mediaType', MANIFEST_TYPE],
        ['config', descriptor(CONFIG_TYPE, id, bytes.length)],
        ['layers', layers.map(({ diffId, size }) => descriptor(LAYER_TYPE, diffId, size))],
      ]),
    ),
  );
  for (const legacy of legacyImages(config)) files.push(blob(legacy, mtime));
  files.push(blob(bytes, mtime), blob(manifest, 0));
  return { files, layers, manifest, mtime };
}

/** `Parent` is there only where that image is in the archive too. */
function manifestItem(store: Store, image: ImageToSave, saved: SavedImage, all: readonly ImageToSave[]): GoStruct {
  const parent = store.images.parent(image.id);
  const sources = saved.layers.map(({ diffId, size }): [string, GoValue] => [
    diffId,
    goStruct([
      ['mediaType', LAYER_TYPE],
      ['size', size],
      ['digest', diffId],
    ]),
  ]);
  return goStruct([
    ['Config', `${BLOBS}${hexOf(image.id)}`],
    ['RepoTags', image.references.length === 0 ? null : image.references.map(familiarString)],
    ['Layers', saved.layers.map(({ diffId }) => `${BLOBS}${hexOf(diffId)}`)],
    ['Parent', all.some(({ id }) => id === parent) ? parent : undefined],
    ['LayerSources', new Map(sources)],
  ]);
}

/** One entry a name. An image without a name is listed only where nothing was before it. */
function indexItems(image: ImageToSave, saved: SavedImage, first: boolean): GoStruct[] {
  const fields = [
    ['mediaType', MANIFEST_TYPE],
    ['digest', digestOf(saved.manifest)],
    ['size', saved.manifest.length],
  ] as const;
  if (image.references.length === 0) return first ? [goStruct(fields)] : [];
  return image.references.map((reference) => {
    const annotations = new Map([
      ['io.containerd.image.name', canonicalString(reference)],
      ['org.opencontainers.image.ref.name', reference.tag ?? ''],
    ]);
    return goStruct([...fields, ['annotations', annotations]]);
  });
}

function descriptor(mediaType: string, digest: Digest, size: number): GoStruct {
  return goStruct([
    ['mediaType', mediaType],
    ['digest', digest],
    ['size', size],
  ]);
}

function blob(bytes: Buffer, mtime: number): ArchiveFile {
  return small(`${BLOBS}${hexOf(digestOf(bytes))}`, bytes, mtime);
}

function small(name: string, bytes: Buffer, mtime: number): ArchiveFile {
  return { name, folder: false, size: bytes.length, mtime, bytes };
}

function createdSeconds(config: ImageConfig): number {
  return config.created === undefined ? 0 : parseGoTime(config.created).seconds;
}
