import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import type { Digest } from '../formats/digest.ts';
import { parseGoDuration } from '../formats/go-duration.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { CACHE_FOLDER, openPendingLayers } from '../store/pending-layers.ts';
import { removeTree } from '../store/remove-tree.ts';
import { openStore, type Store } from '../store/store.ts';

export interface PruneCacheOptions {
  readonly dataRoot: string;
  /** Also records of steps whose layers are there: the next build does those steps anew. */
  readonly all?: boolean;
  /** Bytes of cache that may stay: the oldest goes first until it fits. */
  readonly keepStorage?: number;
  /** `until=<duration>`: only what was not used for so long. */
  readonly filters?: readonly string[];
  readonly write?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

export interface CacheItem {
  readonly kind: 'layer' | 'step' | 'other';
  /** Below `layerlab/cache`. */
  readonly name: string;
  /** Bytes on the disk. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}

export interface PruneCacheResult {
  readonly written: boolean;
  readonly items: readonly CacheItem[];
  readonly reclaimed: number;
}

interface Found extends CacheItem {
  readonly chain: Digest | undefined;
  readonly parent: Digest | undefined;
  readonly cacheId: string | undefined;
  readonly isDangling: boolean;
}

/**
 * Removes from the build cache what is old: layers that no image stands on, records of steps, folders of cache mounts and
 * whatever else lies in `layerlab/cache`. What a running build holds, and what lies below something that stays, stays.
 * Throws LL_USAGE for a filter, LL_DATA_ROOT_IN_USE.
 */
export function pruneCache(options: PruneCacheOptions): PruneCacheResult {
  const write = options.write === true;
  const store = openStore(options.dataRoot, { mode: write ? 'write' : 'read' });
  try {
    if (!write) {
      const items = choose(survey(store), options, new Set(), stoodOn(store));
      return { written: false, items: items.map(publicPart), reclaimed: sum(items) };
    }
    const items = store.lock(() => {
      const chosen = choose(survey(store), options, store.leases().held, stoodOn(store));
      const pending = openPendingLayers(store.paths);
      for (const item of chosen) {
        if (item.chain !== undefined && item.kind === 'layer') {
          // The record first: a snapshot without one is swept, a record without one would be a broken layer.
          pending.drop(item.chain);
          if (item.cacheId !== undefined) store.overlay.removeSnapshot(item.cacheId);
        } else {
          removeTree(`${store.paths.own}/${CACHE_FOLDER}/${item.name}`);
        }
      }
      return chosen;
    });
    return { written: true, items: items.map(publicPart), reclaimed: sum(items) };
  } finally {
    store.close();
  }
}

/** Snapshots below the layers of images: a layer that was built twice may be the cache's, and what stands on it an image's. */
function stoodOn(store: Store): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const { cacheId } of store.layers.list()) {
    try {
      for (const below of store.overlay.parentCacheIds(cacheId)) needed.add(below);
    } catch (error) {
      // A damaged layer needs nothing that could be told.
      if (!(error instanceof LayerlabError)) throw error;
    }
  }
  return needed;
}

function publicPart({ kind, name, size, lastUsed }: Found): CacheItem {
  return { kind, name: fromByteString(name), size, lastUsed };
}

function sum(items: readonly CacheItem[]): number {
  return items.reduce((total, { size }) => total + size, 0);
}

function choose(
  found: readonly Found[],
  options: PruneCacheOptions,
  held: ReadonlySet<string>,
  needed: ReadonlySet<string>,
): Found[] {
  const oldest = (options.now ?? Date.now()) - untilOf(options.filters ?? []);
  const isHeld = (item: Found) =>
    (item.chain !== undefined && held.has(item.chain)) ||
    (item.cacheId !== undefined && (held.has(item.cacheId) || needed.has(item.cacheId)));
  const isWanted = (item: Found) =>
    (options.all === true || item.isDangling) && item.lastUsed <= oldest && !isHeld(item);
  let rest = sum(found);
  const chosen = new Set<Found>();
  for (const item of found.toSorted((a, b) => a.lastUsed - b.lastUsed)) {
    if (options.keepStorage !== undefined && rest <= options.keepStorage) break;
    if (!isWanted(item)) continue;
    chosen.add(item);
    rest -= item.size;
  }
  // What stands on a layer needs it: a kept layer keeps all below it.
  const layers = new Map(
    found.flatMap((item) => (item.kind === 'layer' && item.chain ? [[item.chain, item] as const] : [])),
  );
  for (const item of layers.values()) {
    if (chosen.has(item)) continue;
    for (let below = item.parent; below !== undefined; ) {
      const layer = layers.get(below);
      if (layer !== undefined) chosen.delete(layer);
      below = layer?.parent;
    }
  }
  return [...chosen];
}

function survey(store: Store): Found[] {
  const root: ByteString = `${store.paths.own}/${CACHE_FOLDER}`;
  const pending = openPendingLayers(store.paths);
  const found: Found[] = [];
  for (const name of names(`${root}/layers`)) {
    if (!/^[0-9a-f]{64}$/.test(name)) continue;
    const chain: Digest = `sha256:${name}`;
    const layer = pending.get(chain);
    const own = sizeOf(`${root}/layers/${name}`);
    const files = layer === undefined ? 0 : sizeOf(`${store.paths.overlay}/${layer.cacheId}`).size;
    found.push({
      kind: 'layer',
      name: `layers/${name}`,
      size: own.size + files,
      lastUsed: own.newest,
      chain,
      parent: layer?.parent,
      cacheId: layer?.cacheId,
      isDangling: true,
    });
  }
  for (const key of names(`${root}/steps`)) {
    const { size, newest } = sizeOf(`${root}/steps/${key}`);
    const chains = names(`${root}/steps/${key}`).filter((name) => name.endsWith('.json'));
    found.push({
      kind: 'step',
      name: `steps/${key}`,
      size,
      lastUsed: newest,
      chain: undefined,
      parent: undefined,
      cacheId: undefined,
      isDangling: chains.length === 0,
    });
  }
  for (const folder of names(root)) {
    if (folder === 'layers' || folder === 'steps') continue;
    for (const name of names(`${root}/${folder}`)) {
      const { size, newest } = sizeOf(`${root}/${folder}/${name}`);
      const none = { chain: undefined, parent: undefined, cacheId: undefined };
      found.push({ kind: 'other', name: `${folder}/${name}`, size, lastUsed: newest, ...none, isDangling: true });
    }
  }
  return found;
}

/** Bytes on the disk, and the newest time in a tree. */
function sizeOf(path: ByteString): { readonly size: number; readonly newest: number } {
  const stat = lstatSync(fsPath(path), { throwIfNoEntry: false });
  if (stat === undefined) return { size: 0, newest: 0 };
  let size = (stat.blocks ?? 0) * 512;
  let newest = stat.mtimeMs;
  if (!stat.isDirectory()) return { size: stat.nlink > 1 ? size / stat.nlink : size, newest };
  for (const name of names(path)) {
    const below = sizeOf(`${path}/${name}`);
    size += below.size;
    newest = Math.max(newest, below.newest);
  }
  return { size, newest };
}

function untilOf(filters: readonly string[]): number {
  let longest = 0;
  for (const filter of filters) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(filter) ?? [];
    if (name !== 'until' && name !== 'unused-for')
      throw new LayerlabError('LL_USAGE', `invalid filter '${name || filter}'`);
    try {
      longest = Math.max(longest, Number(parseGoDuration(value)) / 1e6);
    } catch (cause) {
      throw new LayerlabError('LL_USAGE', `invalid duration ${JSON.stringify(value)} for the filter ${name}`, {
        cause,
      });
    }
  }
  return longest;
}

function names(path: ByteString): string[] {
  if (!existsSync(fsPath(path))) return [];
  try {
    return readdirSync(fsPath(path), { encoding: 'latin1' });
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return [];
    throw ioError(error, 'reading the build cache');
  }
}
