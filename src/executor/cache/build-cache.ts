import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { type Digest, hexOf } from '../../formats/digest.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { readText } from '../../host/open-file.ts';
import { isQuicklyFolder, namesQuickly } from '../../host/quick-calls.ts';
import type { Compat } from '../../profiles/builder-profile.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { DataRootPaths } from '../../store/layout.ts';
import { builtLayerOf, CACHE_FOLDER } from '../../store/pending-layers.ts';
import { isNoSmallFile, readSmallFile } from '../../store/read-small-file.ts';

import { findLine } from './find-line.ts';
import { stepKey } from './step-key.ts';

/** What a key led to once: a layer, and for a copy the manifest of what it brought. */
export interface CacheRecord {
  readonly layer: BuiltLayer;
  /** When the sources began to be read, nanoseconds; 0 without a manifest. */
  readonly readAt: bigint;
  /** What the sources' own records said then (see source-stamp); undefined where it was not kept. */
  readonly stamp: string | undefined;
  /** Reads the manifest; undefined where the key alone decides. */
  manifest(): string | undefined;
  /** Bytes of the manifest: some hundred for each file; 0 where there is none. */
  manifestSize(): number;
  /** What follows the beginning of a line of the manifest (see findLine); undefined where there is no manifest, too. */
  manifestLine(begin: Buffer, most: number): string | undefined;
}

/**
 * BuildKit's build cache: `layerlab/cache/steps/<key>/<diff_id>.json` with `.files` beside it, and a link `newest` to the last record
 * without such files. A record may be lost at any time, and a broken one is no record: the step is done again.
 */
export interface BuildCache {
  /** Records of a key, newest first. */
  find(key: string): CacheRecord[];
  /** Whether there is any record of a key. */
  knows(key: string): boolean;
  /** Layers of a key that alone decides, newest first; only who goes beyond the newest has the others looked for. */
  layers(key: string): Iterable<BuiltLayer>;
  /** Of records with manifests those that were put or used last are kept, some dozens; a build looks through all that are there. */
  put(key: string, layer: BuiltLayer, manifest: KeptManifest | undefined): void;
  /** Tells that a record served a build: it is the newest from now on. */
  use(key: string, layer: BuiltLayer): void;
}

export interface KeptManifest {
  /** In pieces, as one text of many files has no use as a whole. Undefined: the one that is kept of this key and layer says the same. */
  readonly text: readonly string[] | undefined;
  readonly readAt: bigint;
  readonly stamp?: string | undefined;
}

/** Most keys have one record: it is read by this name, where a look for its own takes as long again. */
const NEWEST = 'newest';

/**
 * Of a folder that is edited and built over and over, each build leaves a record with a manifest, and the next one looks through all of
 * them, a tenth of a millisecond for each. Where there are more than the first number, as many as the second stay.
 */
const [MOST_MANIFESTS, KEPT_MANIFESTS] = [96, 64] as const;

/** Bytes; a record has some 400. */
const MOST_OF_A_RECORD = 8192;

/** Opens the cache for layers as the Docker version `compat` makes them: a layer of another version is not found. */
export function openBuildCache(paths: DataRootPaths, compat: Compat): BuildCache {
  const root: ByteString = `${paths.own}/${CACHE_FOLDER}/steps`;
  const folderOf = (key: string): ByteString => `${root}/${stepKey([compat, key])}`;
  const find = (dir: ByteString): CacheRecord[] =>
    newestFirst(dir, namesOf(dir)).flatMap((name) => readRecord(dir, name));
  return {
    find: (key) => find(folderOf(key)),
    knows: (key) => {
      const dir = folderOf(key);
      return namesOf(dir).some((name) => readRecord(dir, name).length > 0);
    },
    layers: function* (key) {
      const dir = folderOf(key);
      const [newest] = readRecord(dir, NEWEST);
      if (newest !== undefined) yield newest.layer;
      for (const { layer } of find(dir)) if (layer.chainId !== newest?.layer.chainId) yield layer;
    },
    put: (key, layer, manifest) => {
      const dir = folderOf(key);
      const base = `${dir}/${hexOf(layer.diffId)}`;
      try {
        if (!isQuicklyFolder(dir)) mkdirSync(fsPath(dir), { recursive: true, mode: 0o700 });
        if (manifest?.text !== undefined) replace(`${base}.files`, manifest.text);
        replace(`${base}.json`, [
          JSON.stringify({ ...layer, readAt: String(manifest?.readAt ?? 0n), stamp: manifest?.stamp }),
        ]);
        if (manifest === undefined) nameNewest(dir, `${base}.json`);
        else if (manifest.text !== undefined) forgetOldest(dir, `${hexOf(layer.diffId)}.json`);
      } catch (error) {
        throw ioError(error, 'writing the build cache');
      }
    },
    use: (key, { diffId }) => {
      const now = Date.now() / 1000;
      try {
        lutimesSync(fsPath(`${folderOf(key)}/${hexOf(diffId)}.json`), now, now);
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw ioError(error, 'writing the build cache');
      }
    },
  };
}

/** Whether there is a cache below a data-root's path, as the user gave it, for whatever version. */
export function hasCache(dataRoot: string): boolean {
  return existsSync(`${dataRoot}/layerlab/${CACHE_FOLDER}/steps`);
}

/** Of one record, which is what a RUN has, nobody asks the age. */
function newestFirst(dir: ByteString, names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  return names
    .map((name) => ({ name, age: lstatSync(fsPath(`${dir}/${name}`), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.age - a.age)
    .map(({ name }) => name);
}

/** Where the manifest of a record is. */
function filesOf(record: ByteString): ByteString {
  return record.replace(/\.json$/, '.files');
}

/**
 * Takes the oldest of too many records away; never `own`, whatever the clock said when the others were made. A record without its
 * manifest is no use to anybody, and found again here: so that goes first. Nothing is removed behind a link.
 */
function forgetOldest(dir: ByteString, own: string): void {
  const names = namesOf(dir);
  if (names.length <= MOST_MANIFESTS || !lstatSync(fsPath(dir)).isDirectory()) return;
  const others = names.filter((name) => name !== own);
  for (const name of newestFirst(dir, others).slice(KEPT_MANIFESTS - 1)) {
    for (const path of [filesOf(`${dir}/${name}`), `${dir}/${name}`])
      rmSync(fsPath(path), { recursive: true, force: true });
  }
}

function readRecord(dir: ByteString, name: string): CacheRecord[] {
  try {
    const path = `${dir}/${name}`;
    const bytes = readSmallFile(path, MOST_OF_A_RECORD);
    if (bytes === undefined) return [];
    const value = JSON.parse(bytes.toString()) as { chainId: Digest; readAt: string; stamp?: unknown };
    const { chainId, readAt, stamp } = value;
    const layer = builtLayerOf(chainId, value);
    if (layer === undefined || !/^\d+$/.test(readAt)) return [];
    const files = filesOf(path);
    return [
      {
        layer,
        readAt: BigInt(readAt),
        stamp: typeof stamp === 'string' ? stamp : undefined,
        manifest: () => read(() => readText(files)),
        // Never through a link: a data-root of others may hold anything.
        manifestSize: () => read(() => lstatSync(fsPath(files)).size) ?? 0,
        manifestLine: (begin, most) => read(() => findLine(files, begin, most)),
      },
    ];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || isNoSmallFile(error)) return [];
    throw ioError(error, 'reading the build cache');
  }
}

/** What a look at a file gives; undefined where it is not there. */
function read<T>(look: () => T | undefined): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw ioError(error, 'reading the build cache');
  }
}

function namesOf(dir: ByteString): string[] {
  try {
    const quick = namesQuickly(dir);
    const names = quick === null ? readdirSync(fsPath(dir)) : (quick ?? []);
    return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw ioError(error, 'reading the build cache');
  }
}

/** Another name for a record, in place of what had it. Where a file cannot have two, there is none, and records are listed. */
function nameNewest(dir: ByteString, record: ByteString): void {
  const [newest, fresh] = [fsPath(`${dir}/${NEWEST}`), fsPath(`${dir}/${NEWEST}.${process.pid}`)];
  const place = (): void => {
    linkSync(fsPath(record), fresh);
    renameSync(fresh, newest);
  };
  try {
    place();
  } catch (error) {
    // Of a process that was killed, and had the same number; and what had the name before is not the newest any more.
    for (const path of [fresh, newest]) rmSync(path, { recursive: true, force: true });
    if (errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'EISDIR') return;
    try {
      place();
    } catch {
      rmSync(fresh, { force: true });
    }
  }
}

function replace(path: ByteString, text: readonly string[]): void {
  const temporary = `${path}.${process.pid}`;
  try {
    const fd = openSync(fsPath(temporary), 'w', 0o600);
    try {
      for (const piece of text) writeFileSync(fd, piece);
    } finally {
      closeSync(fd);
    }
    renameSync(fsPath(temporary), fsPath(path));
  } catch (error) {
    rmSync(fsPath(temporary), { force: true });
    throw error;
  }
}
