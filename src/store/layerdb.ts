import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { chainId, type Digest, hexOf, isDigest, parseDigest } from '../formats/digest.ts';
import { nowNanos } from '../formats/go-time.ts';
import { isCacheId } from '../formats/ids.ts';
import { randomHex } from '../formats/random.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { ioError } from '../host/io-error.ts';
import type { RootFiles } from '../host/root-files.ts';
import { type NewFile, syncFolder, writeFilesSynced } from './atomic-file.ts';
import { type DataRootPaths, ensureDir } from './layout.ts';
import { readSeldomFile, readSeldomText, readSmallText } from './read-small-file.ts';

/** A committed layer as `image/overlay2/layerdb/sha256/<chain>/` records it. */
export interface LayerRecord {
  readonly chainId: Digest;
  readonly diffId: Digest;
  /** Chain id of the layer below; undefined for a base layer. */
  readonly parent: Digest | undefined;
  /** Folder of `overlay2/` that holds the files. */
  readonly cacheId: string;
  /** Bytes of this layer alone. */
  readonly size: number;
  /** `descriptor.json` as it stands: of the compressed blob that was pulled; undefined for a layer made here. */
  readonly descriptor: string | undefined;
}

export interface NewLayer {
  readonly diffId: Digest;
  readonly parent: Digest | undefined;
  readonly cacheId: string;
  readonly size: number;
  /** The whole `tar-split.json.gz`. */
  readonly tarSplit: Buffer;
  readonly descriptor?: string;
}

export interface Registration {
  readonly record: LayerRecord;
  /** True: the chain was there before; the caller's snapshot is not used and has to be removed. */
  readonly existed: boolean;
}

/** The layers of a data-root (moby layer/filestore.go, layer/layer_store.go). */
export interface LayerDb {
  /** A layer, or undefined where there is none. Throws LL_CORRUPT where its record is damaged. */
  get(chain: Digest): LayerRecord | undefined;
  /** As `get`, but a missing layer is LL_CORRUPT: something refers to it. */
  require(chain: Digest): LayerRecord;
  has(chain: Digest): boolean;
  /** What a layer's record names as the folder of its files, nothing else of it being looked at; undefined where it names none. */
  cacheId(chain: Digest): string | undefined;
  /** All layers that can be read; damaged records are left out. In no particular order. */
  list(): LayerRecord[];
  /** The records of a chain, base first. Throws LL_CORRUPT where a link of it is missing. */
  chain(top: Digest): LayerRecord[];
  /**
   * Records a layer whose files are in place. Files of `withIt`, written before, go to the disk with it. Throws LL_MAX_DEPTH above 125
   * layers, LL_CORRUPT for an unknown parent.
   */
  register(layer: NewLayer, withIt?: readonly ByteString[]): Registration;
  /**
   * Removes a layer; `removeFiles` removes its snapshot. After a kill in between, the next writer finishes it. False where there
   * was none.
   */
  remove(chain: Digest, removeFiles: (cacheId: string) => void): boolean;
  tarSplitPath(chain: Digest): ByteString;
}

/** moby layer.maxLayerDepth: one more layer and a container (whose -init and own layer come on top) could not be mounted. */
export const MAX_LAYER_DEPTH = 125;

/** LL_MAX_DEPTH, as docker words it. */
export function tooDeep(): LayerlabError {
  return new LayerlabError('LL_MAX_DEPTH', 'max depth exceeded', {
    hint: `An image may have ${MAX_LAYER_DEPTH} layers; join some RUN or COPY instructions.`,
  });
}

const LAYER_DIR = /^[0-9a-f]{64}$/;
const SIZE = /^[0-9]{1,16}$/;
const SMALL = 1024;
const DESCRIPTOR_LIMIT = 1 << 20;
/** Nanoseconds. What is younger may be replaced within one tick of its file system's clock, and show the same time. */
const COARSEST_CLOCK = 2_000_000_000n;

/** The chain ids of a list of diff ids, base first. */
export function chainsOf(diffIds: readonly Digest[]): Digest[] {
  const chains: Digest[] = [];
  for (const diffId of diffIds) chains.push(chainId(chains[chains.length - 1], diffId));
  return chains;
}

/** The chain id of the topmost of a list of diff ids; undefined for none (FROM scratch). */
export function chainOf(diffIds: readonly Digest[]): Digest | undefined {
  return chainsOf(diffIds).at(-1);
}

/** Opens the layer records below `paths`. `lock` runs a function while no other process writes. */
export function openLayerDb(
  paths: DataRootPaths,
  lock: <T>(fn: () => T) => T,
  files: RootFiles = diskRootFiles,
): LayerDb {
  const dirOf = (chain: Digest): ByteString => `${paths.layers}/${hexOf(parseDigest(chain))}`;
  const has = (chain: Digest): boolean => files.lstat(dirOf(chain)) !== undefined;
  const known = new Map<Digest, { readonly record: LayerRecord; readonly since: bigint }>();
  // A record is a folder that is renamed into place whole and never changed: while its time is the same, so is what it says.
  const get = (chain: Digest): LayerRecord | undefined => {
    const since = files.lstat(dirOf(chain))?.mtime;
    if (since === undefined) return undefined;
    const kept = known.get(chain);
    if (kept?.since === since) return kept.record;
    const record = read(chain);
    if (since + COARSEST_CLOCK < nowNanos()) known.set(chain, { record, since });
    return record;
  };
  const read = (chain: Digest): LayerRecord => {
    const dir = dirOf(chain);
    const diff = readSmallText(`${dir}/diff`, SMALL, files);
    if (diff === undefined) throw damaged(chain, 'has no diff file');
    const cacheId = readSmallText(`${dir}/cache-id`, SMALL, files) ?? '';
    const size = readSmallText(`${dir}/size`, SMALL, files) ?? '';
    // The lowest layer has none.
    const readParent = diff === chain ? readSeldomText : readSmallText;
    const parent = readParent(`${dir}/parent`, SMALL, files);
    if (!isDigest(diff)) throw damaged(chain, 'has no valid diff id');
    if (!isCacheId(cacheId)) throw damaged(chain, 'has no valid cache-id');
    if (!SIZE.test(size)) throw damaged(chain, 'has no valid size');
    if (parent !== undefined && !isDigest(parent)) throw damaged(chain, 'has no valid parent');
    if (chainId(parent, diff) !== chain) throw damaged(chain, 'is not the chain of its parent and diff id');
    const descriptor = readSeldomFile(`${dir}/descriptor.json`, DESCRIPTOR_LIMIT, files)?.toString('utf8');
    return { chainId: chain, diffId: diff, parent, cacheId, size: Number(size), descriptor };
  };
  const required = (chain: Digest): LayerRecord => {
    const record = get(chain);
    if (record === undefined) throw damaged(chain, 'is missing');
    return record;
  };
  const chain = (top: Digest): LayerRecord[] => {
    const records: LayerRecord[] = [];
    for (let next: Digest | undefined = top; next !== undefined; ) {
      // A loop cannot be: each chain id is a hash over its parent's. The bound guards against endless stores.
      if (records.length > 1024) throw damaged(top, 'is too long');
      const record = required(next);
      records.push(record);
      next = record.parent;
    }
    return records.reverse();
  };
  return {
    get,
    has,
    cacheId: (id) => {
      const cacheId = readSmallText(`${dirOf(id)}/cache-id`, SMALL, files) ?? '';
      return isCacheId(cacheId) ? cacheId : undefined;
    },
    require: required,
    chain,
    list: () =>
      (files.names(paths.layers) ?? [])
        .filter((name) => LAYER_DIR.test(name))
        .flatMap((hex) => readable(() => get(`sha256:${hex}`))),
    register: (layer, withIt = []) => lock(() => register(paths, layer, withIt, get, chain)),
    remove: (id, removeFiles) =>
      lock(() => {
        const dir = dirOf(id);
        if (!has(id)) return false;
        const grave = `${dir}-${randomHex(6)}-removing`;
        try {
          renameSync(fsPath(dir), fsPath(grave));
          syncFolder(paths.layers);
          const cacheId = readSmallText(`${grave}/cache-id`, SMALL) ?? '';
          if (isCacheId(cacheId)) removeFiles(cacheId);
          rmSync(fsPath(grave), { recursive: true, force: true });
        } catch (error) {
          throw ioError(error, `removing layer ${id}`);
        }
        return true;
      }),
    tarSplitPath: (id) => `${dirOf(id)}/tar-split.json.gz`,
  };
}

function register(
  paths: DataRootPaths,
  layer: NewLayer,
  withIt: readonly ByteString[],
  get: (chain: Digest) => LayerRecord | undefined,
  chain: (top: Digest) => readonly LayerRecord[],
): Registration {
  const { diffId, parent, cacheId, size, tarSplit, descriptor } = layer;
  if (!isCacheId(cacheId)) throw new LayerlabError('LL_DIGEST', `invalid cache-id ${JSON.stringify(cacheId)}`);
  const id = chainId(parent === undefined ? undefined : parseDigest(parent), parseDigest(diffId));
  const existing = get(id);
  if (existing !== undefined) return { record: existing, existed: true };
  if (parent !== undefined && chain(parent).length + 1 > MAX_LAYER_DEPTH) {
    throw tooDeep();
  }
  ensureDir(paths.layerTmp, 0o755);
  ensureDir(paths.layers, 0o755);
  const set = `${paths.layerTmp}/write-set-${randomHex(6)}`;
  try {
    mkdirSync(fsPath(set), { mode: 0o700 });
    const files: readonly (readonly [string, Uint8Array | string | undefined])[] = [
      ['tar-split.json.gz', tarSplit],
      ['diff', diffId],
      ['size', String(size)],
      ['cache-id', cacheId],
      ['descriptor.json', descriptor],
      ['parent', parent],
    ];
    const made = files.flatMap(([name, data]): NewFile[] =>
      data === undefined ? [] : [[`${set}/${name}`, data, 0o644]],
    );
    writeFilesSynced(made, withIt);
    syncFolder(set);
    renameSync(fsPath(set), fsPath(`${paths.layers}/${hexOf(id)}`));
    syncFolder(paths.layers);
  } catch (error) {
    rmSync(fsPath(set), { recursive: true, force: true });
    throw ioError(error, `recording layer ${id}`);
  }
  return { record: { chainId: id, diffId, parent, cacheId, size, descriptor }, existed: false };
}

/** A value that can be read, as a list of one; none where its record is damaged or went away meanwhile. */
function readable<T>(read: () => T | undefined): T[] {
  try {
    const value = read();
    return value === undefined ? [] : [value];
  } catch (error) {
    if (error instanceof LayerlabError && (error.code === 'LL_CORRUPT' || error.code === 'LL_LIMIT')) return [];
    throw error;
  }
}

function damaged(chain: Digest, what: string): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `layer ${chain} ${what}`, {
    hint: 'The data-root was damaged, perhaps by a power cut. Load or build the image again into a fresh one.',
  });
}
