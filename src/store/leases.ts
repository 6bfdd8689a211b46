import { readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { isDigest } from '../formats/digest.ts';
import { isCacheId } from '../formats/ids.ts';
import { randomHex } from '../formats/random.ts';
import { errnoOf } from '../host/io-error.ts';
import { hasKernelLocks, isAlive, tryLockFile } from './file-lock.ts';
import type { DataRootPaths } from './layout.ts';
import { removeTree } from './remove-tree.ts';

/**
 * What a running process needs of the data-root. Images and layers that a lease holds are not removed by others, and a
 * snapshot that it holds is not taken for an orphan. It ends with the process at the latest.
 */
export interface Lease {
  /** Names its temporary files in `layerlab/tmp`, as a prefix. */
  readonly id: string;
  /** Adds image ids and chain ids (`sha256:<hex>`) or cache-ids. */
  hold(ids: Iterable<string>): void;
  /** Ends the lease. What only it held may be removed from now on. */
  release(): void;
}

/** What all leases of a data-root say. */
export interface LeaseSurvey {
  /** Ids that a living process holds. */
  readonly held: ReadonlySet<string>;
  /** Leases of processes that are gone, each with the ids it held. */
  readonly dead: readonly { readonly id: string; readonly ids: readonly string[] }[];
}

const LEASE_ID = /^[0-9]{1,10}-[0-9a-f]{16}$/;

/** Opens a lease: the file `layerlab/leases/<pid>-<random>`, locked as long as its owner lives. */
export function openLease(paths: DataRootPaths, lock: <T>(fn: () => T) => T): Lease {
  const id = `${process.pid}-${randomHex(8)}`;
  const path: ByteString = `${paths.leases}/${id}`;
  // Made and locked in one go as others see it: they look at leases under the store's lock only.
  const file = lock(() => tryLockFile(path));
  if (file === undefined) throw new LayerlabError('LL_IO', `a new lease could not be locked: ${id}`);
  const mine = new Set<string>();
  let open = true;
  return {
    id,
    hold: (ids) => {
      const fresh = [...ids].filter((held) => !mine.has(held));
      if (!open || fresh.length === 0) return;
      for (const held of fresh) {
        if (!isDigest(held) && !isCacheId(held)) {
          throw new LayerlabError('LL_DIGEST', `a lease cannot hold ${JSON.stringify(held)}`);
        }
        mine.add(held);
      }
      writeSync(file.fd, `${fresh.join('\n')}\n`);
    },
    release: () => {
      if (!open) return;
      open = false;
      removeTree(path);
      file.release();
    },
  };
}

/** Reads all leases. Call it under the store's lock only. */
export function surveyLeases(paths: DataRootPaths): LeaseSurvey {
  const held = new Set<string>();
  const dead: { id: string; ids: string[] }[] = [];
  for (const id of leaseNames(paths)) {
    const ids = readIds(`${paths.leases}/${id}`);
    if (isOwned(paths, id)) for (const one of ids) held.add(one);
    else dead.push({ id, ids });
  }
  return { held, dead };
}

/** Forgets the lease of a process that is gone. */
export function dropLease(paths: DataRootPaths, id: string): void {
  rmSync(fsPath(`${paths.leases}/${id}`), { force: true });
  rmSync(fsPath(`${paths.leases}/${id}.pid`), { force: true });
}

function isOwned(paths: DataRootPaths, id: string): boolean {
  if (!hasKernelLocks()) return isAlive(Number.parseInt(id, 10));
  const lock = tryLockFile(`${paths.leases}/${id}`);
  lock?.release();
  return lock === undefined;
}

function leaseNames(paths: DataRootPaths): string[] {
  try {
    return readdirSync(fsPath(paths.leases)).filter((name) => LEASE_ID.test(name));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The whole lines of a lease; a half-written last one belongs to nothing that was made yet. */
function readIds(path: ByteString): string[] {
  try {
    const lines = readFileSync(fsPath(path), 'latin1').split('\n');
    return lines.slice(0, -1).filter((line) => isDigest(line) || isCacheId(line));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
