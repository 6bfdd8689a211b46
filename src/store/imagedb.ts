import { rmSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { type Digest, digestOf, hexOf, isDigest, parseDigest } from '../formats/digest.ts';
import { type ImageBrief, parseImageBrief } from '../formats/image-brief.ts';
import { type ImageConfig, parseImageConfig } from '../formats/image-config.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { ioError } from '../host/io-error.ts';
import type { RootFiles } from '../host/root-files.ts';
import { type NewFile, replaceFiles } from './atomic-file.ts';
import { chainOf, type LayerDb } from './layerdb.ts';
import { type DataRootPaths, ensureDir } from './layout.ts';
import { readSeldomText, readSmallFile } from './read-small-file.ts';

/** The images of a data-root (moby image/fs.go, image/store.go). */
export interface ImageDb {
  has(id: Digest): boolean;
  /** The config's bytes, which hash to `id`; undefined where there is none. Throws LL_CORRUPT where they do not. */
  get(id: Digest): Buffer | undefined;
  /** The parsed config; undefined where there is none. Throws LL_CORRUPT or LL_JSON where it cannot be used. */
  config(id: Digest): ImageConfig | undefined;
  /** What a listing tells of it; undefined and errors as with `config`. */
  brief(id: Digest): ImageBrief | undefined;
  /** Ids of all images, by their file names; in no particular order. */
  list(): Digest[];
  /**
   * Stores a config and returns its id. An image that is there already stays as it is. Throws LL_CORRUPT where a layer it
   * names is missing or its history has more layers than it lists.
   */
  create(config: Buffer): Digest;
  /**
   * What `create` would write, for who writes it together with other files: the id, and the file of an image that is not there yet.
   * To be called under the lock. Throws what `create` throws.
   */
  newImage(config: Buffer): { readonly id: Digest; readonly files: readonly NewFile[] };
  /** Forgets an image and its metadata. False where there was none. */
  remove(id: Digest): boolean;
  /** The image it was built from, where that is recorded. */
  parent(id: Digest): Digest | undefined;
  setParent(id: Digest, parent: Digest): void;
  /** Whether a build on this host made it (classic builder). */
  builtLocally(id: Digest): boolean;
  setBuiltLocally(id: Digest): void;
  /** RFC 3339 time of the last tagging, as it stands; undefined for an image that never had a tag. */
  lastUpdated(id: Digest): string | undefined;
  setLastUpdated(id: Digest, time: string): void;
  /** What `setLastUpdated` would write, in a folder that is made where it is missing. To be called under the lock. */
  lastUpdatedFile(id: Digest, time: string): NewFile;
}

const CONFIG_LIMIT = 64 << 20;
const ID_FILE = /^[0-9a-f]{64}$/;

/** Opens the image store; `lock` runs a function while no other process writes. */
export function openImageDb(
  paths: DataRootPaths,
  layers: LayerDb,
  lock: <T>(fn: () => T) => T,
  files: RootFiles = diskRootFiles,
): ImageDb {
  const parsed = new Map<Digest, ImageConfig>();
  const contentOf = (id: Digest): ByteString => `${paths.imageContent}/${hexOf(parseDigest(id))}`;
  const metadataOf = (id: Digest): ByteString => `${paths.imageMetadata}/${hexOf(parseDigest(id))}`;
  const has = (id: Digest): boolean => files.lstat(contentOf(id)) !== undefined;
  const get = (id: Digest): Buffer | undefined => {
    const bytes = readSmallFile(contentOf(id), CONFIG_LIMIT, files);
    if (bytes !== undefined && digestOf(bytes) !== id) {
      throw new LayerlabError('LL_CORRUPT', `image ${id}: its content does not have this digest`);
    }
    return bytes;
  };
  const metadata = (id: Digest, name: string): string | undefined =>
    readSeldomText(`${metadataOf(id)}/${name}`, 1024, files);
  const metadataFile = (id: Digest, name: string, data: string): NewFile => {
    ensureDir(metadataOf(id), 0o700);
    return [`${metadataOf(id)}/${name}`, data, 0o600];
  };
  const setMetadata = (id: Digest, name: string, data: string): void =>
    lock(() => replaceFiles([[metadataFile(id, name, data)]]));
  const newImage: ImageDb['newImage'] = (config) => {
    const id = digestOf(config);
    if (has(id)) return { id, files: [] };
    const image = parseImageConfig(config);
    checkHistory(image);
    const top = chainOf(image.diffIds);
    if (top !== undefined && !layers.has(top)) {
      throw new LayerlabError('LL_CORRUPT', `failed to get layer ${top}: layer does not exist`);
    }
    return { id, files: [[contentOf(id), config, 0o600]] };
  };
  return {
    has,
    get,
    config: (id) => {
      const known = parsed.get(id);
      if (known !== undefined) return has(id) ? known : undefined;
      const bytes = get(id);
      if (bytes === undefined) return undefined;
      const config = parseImageConfig(bytes);
      parsed.set(id, config);
      return config;
    },
    brief: (id) => {
      const bytes = get(id);
      return bytes === undefined ? undefined : parseImageBrief(bytes);
    },
    list: () =>
      (files.names(paths.imageContent) ?? [])
        .filter((name) => ID_FILE.test(name))
        .map((name): Digest => `sha256:${name}`),
    newImage,
    create: (config) =>
      lock(() => {
        const { id, files: missing } = newImage(config);
        replaceFiles([missing]);
        return id;
      }),
    remove: (id) =>
      lock(() => {
        const there = has(id);
        try {
          // The content goes first: metadata alone is nothing to anybody.
          rmSync(fsPath(contentOf(id)), { force: true });
          rmSync(fsPath(metadataOf(id)), { recursive: true, force: true });
        } catch (error) {
          throw ioError(error, `removing image ${id}`);
        }
        parsed.delete(id);
        return there;
      }),
    parent: (id) => {
      const text = metadata(id, 'parent');
      return text !== undefined && isDigest(text) ? text : undefined;
    },
    setParent: (id, parent) => setMetadata(id, 'parent', parseDigest(parent)),
    builtLocally: (id) => metadata(id, 'builtLocally') === '\x01',
    setBuiltLocally: (id) => setMetadata(id, 'builtLocally', '\x01'),
    lastUpdated: (id) => metadata(id, 'lastUpdated'),
    setLastUpdated: (id, time) => setMetadata(id, 'lastUpdated', time),
    lastUpdatedFile: (id, time) => metadataFile(id, 'lastUpdated', time),
  };
}

function checkHistory(image: ImageConfig): void {
  const rows = image.history.filter((row) => row.emptyLayer !== true).length;
  if (rows > image.diffIds.length) {
    throw new LayerlabError('LL_CORRUPT', 'too many non-empty layers in History section');
  }
}
