import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, renameSync, utimesSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { sha256 } from '../formats/sha256.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { flock, LOCK_EX, LOCK_NB, LOCK_SH } from '../host/syscalls.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { isLockedElsewhere } from './file-lock.ts';
import { ensureDir } from './layout.ts';
import { CACHE_FOLDER } from './pending-layers.ts';
import { readSmallFile } from './read-small-file.ts';
import { removeTree } from './remove-tree.ts';
import type { Store } from './store.ts';

/** What folder a RUN wants as its cache. */
export interface CacheMountRequest {
  readonly namespace: string;
  readonly id: string;
  /** Tells what new folders are filled with: caches of one id that began differently are different ones. */
  readonly seed: string;
  /** `shared`: with any others; `private`: a folder that nobody else has now; `locked`: waits until nobody has it. */
  readonly sharing: 'shared' | 'private' | 'locked';
}

/** A folder, or a single file, that is this process' to mount until it is released. */
export interface CacheMount {
  readonly path: ByteString;
  readonly isFile: boolean;
  release(): void;
}

/** What `mount.json` beside the contents says, and the time of that file; in milliseconds since the epoch. */
export interface CacheMountRecord {
  readonly id: string;
  readonly namespace: string;
  readonly created: number;
  readonly lastUsed: number;
}

const WAIT_MS = 100;
const FOLDER = /^\d{1,6}$/;

/** `layerlab/cache/mounts`: `<key>/<number>/` with `lock`, `mount.json`, and the contents in `data/` or, for a file, `file`. */
export function cacheMountsFolder(store: Store): ByteString {
  return `${store.paths.own}/${CACHE_FOLDER}/mounts`;
}

/** The folder of all caches that a request may get. The parts are framed as JSON, so no two requests share one by accident. */
export function cacheMountKey({ namespace, id, seed }: CacheMountRequest): string {
  return sha256(JSON.stringify(['layerlab cache mount 1', namespace, id, seed]));
}

/**
 * Finds or makes a cache (buildkit solver/llbsolver/mounts/mount.go): the first of its key that may be had now; a new one where
 * none is there, or where all are in use and `private` or `shared` does not wait. The lock is the kernel's and ends with
 * the process.
 *
 * @param fill fills a new one: makes `data` or `file` in the folder it is given
 * @throws LL_INTERRUPTED by the signal, LL_CORRUPT where a link stands in a folder's place, LL_NO_SPACE, LL_IO
 */
export async function openCacheMount(
  store: Store,
  request: CacheMountRequest,
  fill: (folder: ByteString) => void,
  signal: AbortSignal | undefined,
): Promise<CacheMount> {
  const key = cacheMountKey(request);
  const folder = `${cacheMountsFolder(store)}/${key}`;
  for (;;) {
    const seen = numbersIn(folder);
    for (const number of seen) {
      const mount = tryOpen(`${folder}/${number}`, request);
      if (mount !== undefined) return mount;
    }
    if (request.sharing === 'locked' && seen.length > 0) await pause(signal);
    else make(store, request, key, seen, fill);
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  if (signal?.aborted === true) {
    throw new LayerlabError('LL_INTERRUPTED', 'interrupted while another build used the cache', {
      cause: signal.reason,
    });
  }
}

/** Makes a new folder beside those that were seen; does nothing where others came meanwhile, so that they are tried first. */
function make(
  store: Store,
  request: CacheMountRequest,
  key: string,
  seen: readonly number[],
  fill: (folder: ByteString) => void,
): void {
  const all = cacheMountsFolder(store);
  const draft = `${store.paths.tmp}/${store.lease().id}-cache-${key.slice(0, 16)}`;
  try {
    for (const dir of [`${store.paths.own}/${CACHE_FOLDER}`, all, `${all}/${key}`]) ensureDir(dir, 0o700);
    removeTree(draft);
    ensureDir(draft, 0o700);
    fill(draft);
    closeSync(openLock(draft));
    writeRecord(draft, request);
    store.lock(() => {
      const now = numbersIn(`${all}/${key}`);
      if (now.length === seen.length) renameSync(fsPath(draft), fsPath(`${all}/${key}/${(now.at(-1) ?? -1) + 1}`));
    });
  } catch (error) {
    throw ioError(error, 'making a cache to mount');
  } finally {
    removeTree(draft);
  }
}

function numbersIn(folder: ByteString): readonly number[] {
  try {
    if (!lstatSync(fsPath(folder)).isDirectory()) throw damaged(folder);
    const names = readdirSync(fsPath(folder)).filter((name) => FOLDER.test(name));
    return names.map(Number).sort((a, b) => a - b);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw ioError(error, 'looking for a cache to mount');
  }
}

function openLock(folder: ByteString): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  return openSync(fsPath(`${folder}/lock`), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
}

function tryOpen(folder: ByteString, request: CacheMountRequest): CacheMount | undefined {
  if (lstatSync(fsPath(folder), { throwIfNoEntry: false })?.isDirectory() !== true) throw damaged(folder);
  const fd = openLock(folder);
  let held = false;
  try {
    flock(fd, (request.sharing === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB);
    // Whoever removes a cache has it locked, and may have been faster.
    const name = lstatSync(fsPath(`${folder}/lock`), { throwIfNoEntry: false });
    if (name === undefined || name.ino !== fstatSync(fd).ino) return undefined;
    const content = contentOf(folder);
    touchRecord(folder, request);
    held = true;
    return { ...content, release: () => closeSync(fd) };
  } catch (error) {
    if (isLockedElsewhere(error)) return undefined;
    throw ioError(error, 'opening a cache to mount');
  } finally {
    if (!held) closeSync(fd);
  }
}

function contentOf(folder: ByteString): Pick<CacheMount, 'path' | 'isFile'> {
  finishExchange(folder);
  const data = lstatSync(fsPath(`${folder}/data`), { throwIfNoEntry: false });
  if (data?.isDirectory() === true) return { path: `${folder}/data`, isFile: false };
  if (lstatSync(fsPath(`${folder}/file`), { throwIfNoEntry: false })?.isFile() === true) {
    return { path: `${folder}/file`, isFile: true };
  }
  throw damaged(folder);
}

/** Without mounts a cache is exchanged by two renames; a kill may have come between them. */
function finishExchange(folder: ByteString): void {
  if (lstatSync(fsPath(`${folder}/data`), { throwIfNoEntry: false }) !== undefined) return;
  if (lstatSync(fsPath(`${folder}/data.new`), { throwIfNoEntry: false })?.isDirectory() !== true) return;
  renameSync(fsPath(`${folder}/data.new`), fsPath(`${folder}/data`));
}

/** What is known of a cache; undefined where its record is missing or broken, which harms nothing. */
export function readCacheMountRecord(folder: ByteString): CacheMountRecord | undefined {
  try {
    const path = `${folder}/mount.json`;
    const record: Partial<CacheMountRecord> | null = JSON.parse(readSmallFile(path, 1 << 16)?.toString('utf8') ?? '');
    const { id, namespace, created } = record ?? {};
    const stats = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if (typeof id !== 'string' || typeof namespace !== 'string' || typeof created !== 'number') return undefined;
    return stats === undefined ? undefined : { id, namespace, created, lastUsed: stats.mtimeMs };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function writeRecord(folder: ByteString, { id, namespace }: CacheMountRequest): void {
  writeFileAtomic(`${folder}/mount.json`, JSON.stringify({ id, namespace, created: Date.now() }), 0o600);
}

/** The time of the record is that of the last use. */
function touchRecord(folder: ByteString, request: CacheMountRequest): void {
  try {
    const now = Date.now() / 1000;
    utimesSync(fsPath(`${folder}/mount.json`), now, now);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    writeRecord(folder, request);
  }
}

function damaged(folder: ByteString): LayerlabError {
  const name = folder.split('/').slice(-2).join('/');
  return new LayerlabError('LL_CORRUPT', `the cache mount ${name} is not a folder with contents`, {
    hint: 'Remove it: caches are filled anew.',
  });
}
