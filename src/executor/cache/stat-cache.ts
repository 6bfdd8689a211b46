import {
  closeSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { randomHex } from '../../formats/random.ts';
import { sha256 } from '../../formats/sha256.ts';
import { openFile } from '../../host/open-file.ts';
import type { FileNode } from '../../snapshot/file-tree.ts';
import type { DataRootPaths } from '../../store/layout.ts';
import { CACHE_FOLDER } from '../../store/pending-layers.ts';
import { COARSEST_CLOCK } from './manifest.ts';
import { type KeyPart, stepKey } from './step-key.ts';

/**
 * Digests of the files of one context, so that what did not change is not read again. A file is known by its path, and by
 * what `lstat` says of it: device, inode, size, mode, times of modification and of change. Nobody can set the last one, and
 * every write moves it; a file whose last change lies less than the coarsest clock's tick before it was read is not kept,
 * since one more change could show the same time.
 */
export interface StatCache {
  /** The digest that was kept of a file as it is now. */
  find(path: ByteString, node: FileNode): string | undefined;
  /** Keeps a digest of a file that was looked at before it was read, and read after the cache was opened. */
  keep(path: ByteString, node: FileNode, digest: string): void;
  /** Writes what is new; where that cannot be, the files are read again the next time. */
  save(): void;
}

export interface StatCacheOptions {
  readonly paths: DataRootPaths;
  /** Which files these are, and what the digests are of: different ones never meet. */
  readonly subject: readonly KeyPart[];
  /** When the first file is read at the earliest, nanoseconds. */
  readonly openedAt: bigint;
  /** Whether nothing kept is believed, and all of it made anew. */
  readonly anew?: boolean;
}

/** The folder of `layerlab/cache`. */
const STATS_FOLDER = 'stats';
const HEADER = 'layerlab stats 1';
/** Bytes of a file, and how many of them there are: the digests of half a million files, of 32 contexts. */
const LARGEST_FILE = 96 * 1024 * 1024;
const MOST_ENTRIES = 500_000;
const MOST_CONTEXTS = 32;
/** How many times something new was kept since a file was last met: after so many it is forgotten. */
const OLDEST = 9;
const DIGEST = /^[0-9a-f]{64}$/;

interface Entry {
  readonly facts: string;
  readonly digest: string;
  /** One digit. */
  readonly age: number;
}

/** Opens the digests of a context. What is no such file, or is not whole, is as good as none. */
export function openStatCache(options: StatCacheOptions): StatCache {
  const key = stepKey(['stats', ...options.subject]);
  const folder: ByteString = `${options.paths.own}/${CACHE_FOLDER}/${STATS_FOLDER}`;
  const path: ByteString = `${folder}/${key}`;
  const met = new Map<ByteString, Entry>();
  let kept: Map<ByteString, Entry> | undefined;
  let isNew = false;
  const known = (): Map<ByteString, Entry> => {
    kept ??= options.anew === true ? new Map() : read(path, key);
    return kept;
  };
  return {
    find: (name, node) => {
      const facts = factsOf(node);
      const entry = facts === undefined ? undefined : (met.get(name) ?? known().get(name));
      if (entry === undefined || entry.facts !== facts || !DIGEST.test(entry.digest)) return undefined;
      met.set(name, entry.age === 0 ? entry : { ...entry, age: 0 });
      return entry.digest;
    },
    keep: (name, node, digest) => {
      const facts = factsOf(node);
      if (facts === undefined || !isSettled(node, options.openedAt)) return;
      met.set(name, { facts, digest, age: 0 });
      isNew = true;
    },
    save: () => {
      if (!isNew) return;
      isNew = false;
      const body = encode(met, known());
      if (body !== undefined) write(folder, key, body);
    },
  };
}

/** Undefined for what has several names: what counts as its digest goes by which of them comes first. */
function factsOf({ kind, mode, signature, inode }: FileNode): string | undefined {
  return kind !== 'file' || signature === undefined || inode !== '' ? undefined : `${mode}:${signature}`;
}

function isSettled({ signature = '' }: FileNode, openedAt: bigint): boolean {
  return BigInt(signature.slice(signature.lastIndexOf(':') + 1)) + COARSEST_CLOCK < openedAt;
}

/** Paths and facts hold no zero byte, so that each field ends where it says. */
function encode(met: ReadonlyMap<ByteString, Entry>, kept: ReadonlyMap<ByteString, Entry>): string | undefined {
  const lines: string[] = [];
  const add = (name: ByteString, { facts, digest, age }: Entry): void => {
    if (lines.length < MOST_ENTRIES) lines.push(`${name}\0${facts}\0${digest}${age}\0`);
  };
  for (const [name, entry] of met) add(name, entry);
  for (const [name, entry] of kept)
    if (!met.has(name) && entry.age < OLDEST) add(name, { ...entry, age: entry.age + 1 });
  const body = lines.join('');
  return body.length > LARGEST_FILE / 2 ? undefined : body;
}

function headerOf(key: string, body: Buffer): string {
  return `${HEADER} ${key} ${sha256(body)}\n`;
}

function read(path: ByteString, key: string): Map<ByteString, Entry> {
  const entries = new Map<ByteString, Entry>();
  const bytes = readIfFile(path);
  const length = headerOf(key, Buffer.alloc(0)).length;
  if (bytes === undefined || bytes.toString('latin1', 0, length) !== headerOf(key, bytes.subarray(length)))
    return entries;
  const fields = bytes.toString('latin1', length).split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name, facts, last] = fields.slice(at, at + 3) as [string, string, string];
    entries.set(name, { facts, digest: last.slice(0, 64), age: Number(last[64]) || 0 });
  }
  return entries;
}

function readIfFile(path: ByteString): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openFile(path);
    const stat = fstatSync(fd);
    return stat.isFile() && stat.size <= LARGEST_FILE ? readFileSync(fd) : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function write(folder: ByteString, key: string, body: string): void {
  const bytes = Buffer.from(body, 'latin1');
  const temporary = `${folder}/${key}.${randomHex(6)}`;
  try {
    mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
    writeFileSync(fsPath(temporary), Buffer.concat([Buffer.from(headerOf(key, bytes)), bytes]), {
      flag: 'wx',
      mode: 0o600,
    });
    renameSync(fsPath(temporary), fsPath(`${folder}/${key}`));
    forgetOldest(folder);
  } catch {
    // Nothing depends on it: whatever stands in its place, or a disk that is full.
    rmSync(fsPath(temporary), { force: true });
  }
}

/** Keeps so many contexts; what a killed process left half-written counts as one. */
function forgetOldest(folder: ByteString): void {
  const names = readdirSync(fsPath(folder), { encoding: 'latin1' });
  if (names.length <= MOST_CONTEXTS) return;
  const byAge = names
    .map((name) => ({ path: `${folder}/${name}`, time: statSync(fsPath(`${folder}/${name}`)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of byAge.slice(MOST_CONTEXTS)) rmSync(fsPath(path), { recursive: true, force: true });
}
