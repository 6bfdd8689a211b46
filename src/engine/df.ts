import { resolve } from 'node:path';
import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import type { RootFiles } from '../host/root-files.ts';
import { dataRootPaths } from '../store/layout.ts';
import { assertDataRoot } from './check/assert-data-root.ts';
import { readContainer } from './check/check-containers.ts';
import { readNames } from './check/check-references.ts';
import { collectClues } from './check/layer-clues.ts';
import { mountIdOf, textOf } from './check/record.ts';
import { openRootReader } from './check/root-reader.ts';
import { type Survey, survey } from './check/survey.ts';
import { collectUses } from './check/uses.ts';
import { rootFilesOf } from './root-files-of.ts';

export interface DfOptions {
  readonly dataRoot: string;
  readonly files?: RootFiles;
}

/** Where the bytes of a data-root go. */
export type Place =
  | 'shared layers'
  | 'unique layers'
  | 'unreferenced layers'
  | 'containers'
  | 'build cache'
  | 'volumes'
  | 'metadata'
  | 'other';

export interface DfImage {
  readonly id: string;
  readonly names: readonly string[];
  /** Recorded bytes of all its layers, of those it shares with other images, and of those it has alone. */
  readonly size: number;
  readonly shared: number;
  readonly unique: number;
  readonly containers: number;
}

export interface DfContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Bytes on the disk of what it wrote. */
  readonly size: number;
}

/** One line of `docker system df`. Bytes. */
export interface DfRow {
  readonly type: 'Images' | 'Containers' | 'Local Volumes' | 'Build Cache';
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

export interface DfResult {
  readonly dataRoot: string;
  readonly rows: readonly DfRow[];
  readonly images: readonly DfImage[];
  readonly containers: readonly DfContainer[];
  /** Allocated bytes by where they are: they add up to `allocated`. */
  readonly places: readonly { readonly place: Place; readonly bytes: number }[];
  /** Allocated bytes of the whole data-root, each file counted once. */
  readonly allocated: number;
  /** What the user may not read: its bytes are not counted. */
  readonly unreadable: number;
}

/**
 * What a data-root takes of the disk, as `docker system df` tells it, and where every allocated byte is. Nothing is written,
 * so it works beside a dockerd. Throws LL_DATA_ROOT where there is no data-root.
 */
export function df(options: DfOptions): DfResult {
  const files = options.files ?? rootFilesOf(options.dataRoot);
  const root = toByteString(resolve(options.dataRoot));
  assertDataRoot(files, root);
  const paths = dataRootPaths(root);
  const reader = openRootReader(files, root);
  const seen = survey(reader, paths);
  const clues = collectClues(seen);
  const uses = collectUses(seen, clues, new Set());
  const places = new Map<Place, number>();
  const written = new Map<string, number>();
  const counted = new Set<string>();
  const measure = (path: ByteString): number => allocated(reader, path, counted);
  const add = (place: Place, bytes: number) => places.set(place, (places.get(place) ?? 0) + bytes);
  for (const name of reader.names(root)) {
    const path = `${root}/${name}`;
    if (path === paths.overlay) continue;
    add(placeOf(name), name === 'layerlab' ? 0 : measure(path));
    if (name !== 'layerlab') continue;
    for (const part of reader.names(path))
      add(part === 'cache' ? 'build cache' : 'metadata', measure(`${path}/${part}`));
    add('metadata', reader.stat(path)?.allocated ?? 0);
  }
  for (const name of reader.names(paths.overlay)) {
    const bytes = measure(`${paths.overlay}/${name}`);
    const use = name === 'l' ? undefined : uses.of(name);
    if (name === 'l') add('metadata', bytes);
    else if (use === undefined) add('unreferenced layers', bytes);
    else if (use.kind === 'mount') {
      add('containers', bytes);
      written.set(use.name, (written.get(use.name) ?? 0) + bytes);
    } else if (use.kind !== 'layer') add('build cache', bytes);
    else {
      const users = clues.images(use.name).length;
      add(users > 1 ? 'shared layers' : users === 1 ? 'unique layers' : 'unreferenced layers', bytes);
    }
  }
  add('metadata', (reader.stat(paths.overlay)?.allocated ?? 0) + (reader.stat(root)?.allocated ?? 0));
  const containers = listContainers(seen, written);
  const images = listImages(seen, clues.images, containers);
  const total = [...places.values()].reduce((sum, bytes) => sum + bytes, 0);
  return {
    dataRoot: fromByteString(root),
    rows: rowsOf(seen, images, containers, places),
    images,
    containers,
    places: [...places].map(([place, bytes]) => ({ place, bytes })).sort((a, b) => b.bytes - a.bytes),
    allocated: total,
    unreadable: reader.unreadable.length,
  };
}

function placeOf(name: string): Place {
  if (name === 'containers') return 'containers';
  if (name === 'buildkit') return 'build cache';
  if (name === 'volumes') return 'volumes';
  return name === 'image' || name === 'engine-id' || name === 'layerlab' ? 'metadata' : 'other';
}

/** Bytes of a tree on the disk; a file with several names counts where it is met first. */
function allocated(reader: Survey['reader'], path: ByteString, counted: Set<string>): number {
  const stat = reader.stat(path);
  if (stat === undefined || (stat.inode !== '' && counted.has(stat.inode))) return 0;
  if (stat.inode !== '') counted.add(stat.inode);
  let bytes = stat.allocated;
  // A mounted view of a container shows files that lie elsewhere.
  if (stat.kind === 'dir' && !path.endsWith('/merged')) {
    for (const name of reader.names(path)) bytes += allocated(reader, `${path}/${name}`, counted);
  }
  return bytes;
}

function listContainers({ containers }: Survey, written: ReadonlyMap<string, number>): DfContainer[] {
  return [...containers.values()].flatMap((container) => {
    const config = readContainer(container);
    if (typeof config === 'string') return [];
    const { id, name, image } = config;
    return [{ id, name, image, size: written.get(container.name) ?? 0 }];
  });
}

function listImages(
  { images, layers, repositories }: Survey,
  users: (layer: string) => readonly string[],
  containers: readonly DfContainer[],
): DfImage[] {
  const rows = readNames(repositories);
  const sizes = new Map<string, { size: number; shared: number }>();
  for (const layer of layers.values()) {
    const size = Number(textOf(layer.size) ?? 0) || 0;
    const standing = users(layer.name);
    for (const image of standing) {
      const before = sizes.get(image) ?? { size: 0, shared: 0 };
      const shared = before.shared + (standing.length > 1 ? size : 0);
      sizes.set(image, { size: before.size + size, shared });
    }
  }
  return [...images.keys()].map((name) => {
    const { size, shared } = sizes.get(name) ?? { size: 0, shared: 0 };
    const own = typeof rows === 'string' ? [] : rows.filter((row) => row.id === `sha256:${name}`);
    return {
      id: `sha256:${name}`,
      names: own.map(({ reference }) => reference),
      size,
      shared,
      unique: size - shared,
      containers: containers.filter(({ image }) => image === `sha256:${name}`).length,
    };
  });
}

function rowsOf(
  seen: Survey,
  images: readonly DfImage[],
  containers: readonly DfContainer[],
  places: ReadonlyMap<Place, number>,
): DfRow[] {
  const clues = collectClues(seen);
  const active = new Set(images.filter(({ containers: count }) => count > 0).map(({ id }) => id.slice(7)));
  let layers = 0;
  let used = 0;
  for (const layer of seen.layers.values()) {
    const standing = clues.images(layer.name);
    const size = Number(textOf(layer.size) ?? 0) || 0;
    if (standing.length > 0) layers += size;
    if (standing.some((image) => active.has(image))) used += size;
  }
  const parents = new Set(
    [...seen.images.keys()].flatMap(
      (name) => textOf(seen.reader.small(`${seen.paths.imageMetadata}/${name}/parent`)) ?? [],
    ),
  );
  // As docker: what only stands below another image is no image of its own here.
  const shown = images.filter(({ id, names }) => names.length > 0 || !parents.has(id));
  const mounted = [...seen.mounts.values()].filter((mount) => mountIdOf(mount) !== undefined).length;
  const running = Math.min(mounted, [...seen.containers.values()].filter((each) => isRunning(each.config)).length);
  const own = containers.reduce((sum, { size }) => sum + size, 0);
  const idle = containers
    .filter(({ id }) => !isRunning(seen.containers.get(id)?.config))
    .reduce((sum, { size }) => sum + size, 0);
  const cache = places.get('build cache') ?? 0;
  const volumes = seen.reader
    .names(`${seen.paths.root}/volumes`)
    .filter((name) => !/\.db$|^backingFsBlockDev$/.test(name));
  return [
    { type: 'Images', total: shown.length, active: active.size, size: layers, reclaimable: layers - used },
    { type: 'Containers', total: containers.length, active: running, size: own, reclaimable: idle },
    { type: 'Local Volumes', total: volumes.length, active: 0, size: places.get('volumes') ?? 0, reclaimable: 0 },
    { type: 'Build Cache', total: 0, active: 0, size: cache, reclaimable: cache },
  ];
}

function isRunning(config: Survey['repositories'] | undefined): boolean {
  return /"Running":true/.test(textOf(config) ?? '');
}
