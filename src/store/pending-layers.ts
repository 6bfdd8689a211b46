import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { chainId, type Digest, hexOf, isDigest } from '../formats/digest.ts';
import { isCacheId } from '../formats/ids.ts';
import { bootId } from '../host/boot-id.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { readText } from '../host/open-file.ts';
import { isQuicklyAbsent, namesQuickly, readFileQuickly } from '../host/quick-calls.ts';
import type { BuiltLayer } from './built-layer.ts';
import type { DataRootPaths } from './layout.ts';
import { removeTree } from './remove-tree.ts';

/** The name of the folder of `layerlab/` that holds the build cache. */
export const CACHE_FOLDER = 'cache';

/**
 * Layers that a build made and no image has yet: of earlier stages, or of a build that failed later on. dockerd has no
 * record of such layers in layerdb either; they become layers there with the first image that stands on them.
 */
export interface PendingLayers {
  /** A layer that was not flushed is none after the host was started anew: a power cut may have taken its files. */
  get(chain: Digest): BuiltLayer | undefined;
  /** @param flushed false: its files need not be on the disk, until `settle` says so */
  put(layer: BuiltLayer, tarSplit: Buffer, flushed?: boolean): void;
  isFlushed(chain: Digest): boolean;
  /** Of these layers, all that are pending, and perhaps others. */
  among<T extends { readonly chainId: Digest }>(layers: readonly T[]): readonly T[];
  /**
   * Says of layers that the files of these cache-ids were flushed: of those that were put here, and of `others`. There may be
   * thousands more, of earlier builds.
   */
  settle(cacheIds: ReadonlySet<string>, others?: readonly Digest[]): void;
  tarSplit(chain: Digest): Buffer;
  drop(chain: Digest): void;
}

export function openPendingLayers(paths: DataRootPaths): PendingLayers {
  const root: ByteString = `${paths.own}/${CACHE_FOLDER}/layers`;
  const dirOf = (chain: Digest): ByteString => `${root}/${hexOf(chain)}`;
  const recordOf = (chain: Digest): ByteString => `${dirOf(chain)}/layer.json`;
  const loose = new Set<Digest>();
  return {
    get: (chain) => {
      const record = parse(chain, recordOf(chain));
      return record === undefined || isLost(record) ? undefined : record.layer;
    },
    among: (layers) => {
      if (layers.length < WORTH_LISTING) return layers;
      const few = namesQuickly(root, '', MOST_WORTH_LISTING);
      if (few === null) return layers.filter(({ chainId: chain }) => !isQuicklyAbsent(dirOf(chain)));
      const pending = new Set(few);
      return layers.filter(({ chainId: chain }) => pending.has(hexOf(chain)));
    },
    isFlushed: (chain) => parse(chain, recordOf(chain))?.boot === undefined,
    settle: (cacheIds, others = []) => {
      for (const chain of new Set([...loose, ...others])) {
        const record = parse(chain, recordOf(chain));
        if (record?.boot === undefined || isLost(record) || !cacheIds.has(record.layer.cacheId)) continue;
        rewrite(recordOf(chain), JSON.stringify(record.layer));
      }
    },
    put: (layer, tarSplit, flushed = true) => {
      const dir = dirOf(layer.chainId);
      const temporary = `${dir}.${process.pid}`;
      if (!flushed) loose.add(layer.chainId);
      try {
        mkdirSync(fsPath(temporary), { recursive: true, mode: 0o700 });
        writeFileSync(fsPath(`${temporary}/tar-split.json.gz`), tarSplit, { mode: 0o600 });
        writeFileSync(
          fsPath(`${temporary}/layer.json`),
          JSON.stringify(flushed ? layer : { ...layer, boot: bootId() }),
          {
            mode: 0o600,
          },
        );
        if (!isQuicklyAbsent(dir)) removeTree(dir);
        renameSync(fsPath(temporary), fsPath(dir));
      } catch (error) {
        rmSync(fsPath(temporary), { recursive: true, force: true });
        throw ioError(error, 'keeping a layer of the build');
      }
    },
    tarSplit: (chain) => readFileSync(fsPath(`${dirOf(chain)}/tar-split.json.gz`)),
    drop: (chain) => {
      const dir = dirOf(chain);
      try {
        // A third of the calls that looking first takes.
        for (const name of ['layer.json', 'tar-split.json.gz']) unlinkSync(fsPath(`${dir}/${name}`));
        rmdirSync(fsPath(dir));
      } catch {
        removeTree(dir);
      }
    },
  };
}

/** So many looks take as long as listing some of them. */
const WORTH_LISTING = 16;
/** Names of a cache that are listed at once; of more, earlier builds have left most. */
const MOST_WORTH_LISTING = 500;
/** Bytes that are read at once; a record has some 400. */
const MOST_OF_A_RECORD = 8192;

/** Cache-ids of all pending layers: snapshots that are needed though layerdb does not name them. */
export function pendingCacheIds(paths: DataRootPaths): string[] {
  const root = `${paths.own}/${CACHE_FOLDER}/layers`;
  return chainsIn(root).flatMap((chain) => parse(chain, `${root}/${hexOf(chain)}/layer.json`)?.layer.cacheId ?? []);
}

function chainsIn(root: ByteString): Digest[] {
  try {
    const names = readdirSync(fsPath(root));
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name): Digest => `sha256:${name}`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw ioError(error, 'listing the layers of the build cache');
  }
}

interface PendingRecord {
  readonly layer: BuiltLayer;
  /** The start of the host in which the layer was made, where its files were not flushed. */
  readonly boot: string | undefined;
}

function isLost({ boot }: PendingRecord): boolean {
  return boot !== undefined && boot !== bootId();
}

/** A record that a killed process left half-written, or that somebody changed, is no record. */
function parse(chain: Digest, path: ByteString): PendingRecord | undefined {
  let text: string;
  try {
    const quick = readFileQuickly(path, MOST_OF_A_RECORD);
    // Most layers are none of a build: looking first costs a fraction of an open that fails.
    if (quick === undefined || (quick === null && lstatSync(fsPath(path), { throwIfNoEntry: false }) === undefined)) {
      return undefined;
    }
    text = quick?.toString() ?? readText(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw ioError(error, 'reading the build cache');
  }
  const value = parseObject(text);
  const layer = value && builtLayerOf(chain, value);
  if (layer === undefined) return undefined;
  const { boot } = value as { readonly boot?: unknown };
  return { layer, boot: boot === undefined ? undefined : String(boot) };
}

/** The layer may be recorded, and its folder gone, by now. */
function rewrite(path: ByteString, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(fsPath(temporary), text, { mode: 0o600 });
    renameSync(fsPath(temporary), fsPath(path));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw ioError(error, 'keeping a layer of the build');
  }
}

/** A layer from the text of its record, if it is one of this chain. */
export function parseBuiltLayer(chain: Digest, text: string): BuiltLayer | undefined {
  const value = parseObject(text);
  return value && builtLayerOf(chain, value);
}

function parseObject(text: string): Partial<BuiltLayer> | undefined {
  try {
    return (JSON.parse(text) as Partial<BuiltLayer> | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A layer from what JSON has of it, if that is one of this chain. */
export function builtLayerOf(chain: Digest, value: Partial<BuiltLayer>): BuiltLayer | undefined {
  const { diffId, parent, cacheId, size, created } = value;
  if (typeof diffId !== 'string' || !isDigest(diffId) || typeof cacheId !== 'string' || !isCacheId(cacheId))
    return undefined;
  if (parent !== undefined && !isDigest(parent)) return undefined;
  if (chainId(parent, diffId) !== chain || typeof size !== 'number' || typeof created !== 'string') return undefined;
  return { chainId: chain, diffId, parent, cacheId, size, created };
}
