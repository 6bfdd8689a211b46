import { closeSync, openSync, readFileSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { isDigest } from '../../formats/digest.ts';
import { isCacheId } from '../../formats/ids.ts';
import { flock, LOCK_NB, LOCK_SH, LOCK_UN } from '../../host/syscalls.ts';
import { assertNotInUse } from '../../store/assert-usable.ts';
import { hasKernelLocks, isAlive, isLockedElsewhere } from '../../store/file-lock.ts';
import type { RootReader } from './root-reader.ts';

/** Who is at work on a data-root, found out without writing to it. */
export interface AtWork {
  readonly daemon: boolean;
  /** Lease ids of layerlab processes that run. */
  readonly leases: ReadonlySet<string>;
  /** What they hold. */
  readonly held: ReadonlySet<string>;
}

/** Looks who works on a data-root of this host. A right that is missing counts as nobody. */
export function whoIsAtWork(reader: RootReader, leases: ByteString): AtWork {
  const living = reader.names(leases).filter((name) => /^[0-9]{1,10}-[0-9a-f]{16}$/.test(name) && isHeld(leases, name));
  const held = living.flatMap((name) => idsOf(`${leases}/${name}`));
  return { daemon: isDaemonRunning(reader.root), leases: new Set(living), held: new Set(held) };
}

function isDaemonRunning(root: ByteString): boolean {
  try {
    assertNotInUse(root);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'LL_DATA_ROOT_IN_USE';
  }
}

/** A shared lock is asked for and given back: it changes nothing, and needs the right to read only. */
function isHeld(leases: ByteString, name: string): boolean {
  if (!hasKernelLocks()) return isAlive(Number.parseInt(name, 10));
  let fd: number;
  try {
    fd = openSync(fsPath(`${leases}/${name}`), 'r');
  } catch {
    return isAlive(Number.parseInt(name, 10));
  }
  try {
    flock(fd, LOCK_SH | LOCK_NB);
    flock(fd, LOCK_UN);
    return false;
  } catch (error) {
    return isLockedElsewhere(error);
  } finally {
    closeSync(fd);
  }
}

function idsOf(path: ByteString): readonly string[] {
  try {
    return readFileSync(fsPath(path), 'latin1')
      .split('\n')
      .filter((line) => isDigest(line) || isCacheId(line));
  } catch {
    return [];
  }
}
