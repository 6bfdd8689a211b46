import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { chainId, type Digest, hexOf, isDigest } from '../formats/digest.ts';
import { isCacheId } from '../formats/ids.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
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
  get(chain: Digest): BuiltLayer | undefined;
  put(layer: BuiltLayer, tarSplit: Buffer): void;
  tarSplit(chain: Digest): Buffer;
  drop(chain: Digest): void;
}

export function openPendingLayers(paths: DataRootPaths): PendingLayers {
  const root: ByteString = `${paths.own}/${CACHE_FOLDER}/layers`;
  const dirOf = (chain: Digest): ByteString => `${root}/${hexOf(chain)}`;
  return {
    get: (chain) => parse(chain, `${dirOf(chain)}/layer.json`),
    put: (layer, tarSplit) => {
      const dir = dirOf(layer.chainId);
      const temporary = `${dir}.${process.pid}`;
      try {
        mkdirSync(fsPath(temporary), { recursive: true, mode: 0o700 });
        writeFileSync(fsPath(`${temporary}/tar-split.json.gz`), tarSplit, { mode: 0o600 });
        writeFileSync(fsPath(`${temporary}/layer.json`), JSON.stringify(layer), { mode: 0o600 });
        rmSync(fsPath(dir), { recursive: true, force: true });
        renameSync(fsPath(temporary), fsPath(dir));
      } catch (error) {
        rmSync(fsPath(temporary), { recursive: true, force: true });
        throw ioError(error, 'keeping a layer of the build');
      }
    },
    tarSplit: (chain) => readFileSync(fsPath(`${dirOf(chain)}/tar-split.json.gz`)),
    drop: (chain) => removeTree(dirOf(chain)),
  };
}

/** Cache-ids of all pending layers: snapshots that are needed though layerdb does not name them. */
export function pendingCacheIds(paths: DataRootPaths): string[] {
  const root = `${paths.own}/${CACHE_FOLDER}/layers`;
  let names: string[];
  try {
    names = readdirSync(fsPath(root));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw ioError(error, 'listing the layers of the build cache');
  }
  return names
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .flatMap((name) => parse(`sha256:${name}`, `${root}/${name}/layer.json`)?.cacheId ?? []);
}

/** A record that a killed process left half-written, or that somebody changed, is no record. */
function parse(chain: Digest, path: ByteString): BuiltLayer | undefined {
  let text: string;
  try {
    text = readFileSync(fsPath(path), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw ioError(error, 'reading the build cache');
  }
  return parseBuiltLayer(chain, text);
}

export function parseBuiltLayer(chain: Digest, text: string): BuiltLayer | undefined {
  let value: Partial<BuiltLayer>;
  try {
    value = JSON.parse(text) as Partial<BuiltLayer>;
  } catch {
    return undefined;
  }
  const { diffId, parent, cacheId, size, created } = value;
  if (typeof diffId !== 'string' || !isDigest(diffId) || typeof cacheId !== 'string' || !isCacheId(cacheId))
    return undefined;
  if (parent !== undefined && !isDigest(parent)) return undefined;
  if (chainId(parent, diffId) !== chain || typeof size !== 'number' || typeof created !== 'string') return undefined;
  return { chainId: chain, diffId, parent, cacheId, size, created };
}
