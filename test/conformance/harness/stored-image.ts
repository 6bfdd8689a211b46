import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { assembleTar, readTarSplitText } from './tar-split.ts';

/** A layer as it lies in a data-root. */
export interface StoredLayer {
  readonly diffId: string;
  readonly chainId: string;
  readonly cacheId: string;
  readonly layerDir: string;
  readonly overlayDir: string;
  readonly tarSplit: string;
  readonly tar: Buffer;
}

/** An image as it lies in a data-root. */
export interface StoredImage {
  readonly id: string;
  readonly config: string;
  readonly layers: readonly StoredLayer[];
  /** `imagedb/metadata` of the image: file name to content and mode. */
  readonly metadata: ReadonlyMap<string, { readonly text: string; readonly mode: number }>;
  readonly parent: string | undefined;
}

const sha256 = (data: string | Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const hex = (digest: string): string => digest.replace('sha256:', '');
export const imageDb = (dataRoot: string): string => path.join(dataRoot, 'image/overlay2/imagedb');

/** The image ID that `name:latest` stands for in repositories.json. */
export function resolveTag(dataRoot: string, name: string): string {
  const text = fs.readFileSync(path.join(dataRoot, 'image/overlay2/repositories.json'), 'utf8');
  const { Repositories } = JSON.parse(text) as { Repositories: Record<string, Record<string, string>> };
  const id = Repositories[name]?.[`${name}:latest`];
  if (id === undefined) throw new Error(`${dataRoot} has no image ${name}:latest`);
  return id;
}

/** Every image ID of the data-root, sorted. */
export function allImageIds(dataRoot: string): readonly string[] {
  return fs
    .readdirSync(path.join(imageDb(dataRoot), 'content/sha256'))
    .map((name) => `sha256:${name}`)
    .sort();
}

/** What the config of an image says of its layers. */
export function diffIdsOf(dataRoot: string, id: string): readonly string[] {
  const config = fs.readFileSync(path.join(imageDb(dataRoot), 'content/sha256', hex(id)), 'utf8');
  return (JSON.parse(config) as { rootfs: { diff_ids?: string[] | null } }).rootfs.diff_ids ?? [];
}

/** Reads an image and proves on the way that names, chain ids and tars fit their digests. */
export function readStoredImage(dataRoot: string, id: string): StoredImage {
  const config = fs.readFileSync(path.join(imageDb(dataRoot), 'content/sha256', hex(id)), 'utf8');
  if (sha256(config) !== id) throw new Error(`${id} is not the digest of its config`);
  const parsed = JSON.parse(config) as { rootfs: { diff_ids?: string[] | null } };
  const layers: StoredLayer[] = [];
  for (const diffId of parsed.rootfs.diff_ids ?? []) layers.push(readLayer(dataRoot, diffId, layers.at(-1)));
  const metadata = new Map<string, { text: string; mode: number }>();
  const folder = path.join(imageDb(dataRoot), 'metadata/sha256', hex(id));
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
    const file = path.join(folder, name);
    metadata.set(name, { text: fs.readFileSync(file, 'latin1'), mode: fs.statSync(file).mode & 0o7777 });
  }
  return { id, config, layers, metadata, parent: metadata.get('parent')?.text };
}

function readLayer(dataRoot: string, diffId: string, below: StoredLayer | undefined): StoredLayer {
  const chainId = below === undefined ? diffId : sha256(`${below.chainId} ${diffId}`);
  const layerDir = path.join(dataRoot, 'image/overlay2/layerdb/sha256', hex(chainId));
  const read = (name: string): string => fs.readFileSync(path.join(layerDir, name), 'utf8');
  if (read('diff') !== diffId) throw new Error(`${layerDir}/diff says ${read('diff')}, not ${diffId}`);
  const recorded = fs.existsSync(path.join(layerDir, 'parent')) ? read('parent') : undefined;
  if (recorded !== below?.chainId) throw new Error(`${layerDir}/parent says ${recorded}, not ${below?.chainId}`);
  const cacheId = read('cache-id');
  const overlayDir = path.join(dataRoot, 'overlay2', cacheId);
  const tar = assembleTar(layerDir, path.join(overlayDir, 'diff'));
  if (sha256(tar) !== diffId) throw new Error(`${layerDir}: tar-split and diff do not give ${diffId}`);
  return { diffId, chainId, cacheId, layerDir, overlayDir, tarSplit: readTarSplitText(layerDir), tar };
}
