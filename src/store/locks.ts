import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import { type FileLock, tryLockFile } from './file-lock.ts';

/** How long to wait for the others; each of them holds the lock for some milliseconds. */
const PATIENCE_MS = 60_000;
const LONGEST_NAP_MS = 20;

const held = new Map<ByteString, { lock: FileLock; depth: number }>();
const nap = new Int32Array(new SharedArrayBuffer(4));

/**
 * Runs `fn` while no other process changes the data-root that `path` (its `layerlab/lock`) belongs to. A call inside of `fn`
 * enters the same lock. `fn` is synchronous and short: everything slow (reading, extracting, hashing) happens outside.
 * Throws LL_BUSY after a minute of waiting.
 */
export function withLock<T>(path: ByteString, fn: () => T): T {
  const mine = held.get(path);
  if (mine !== undefined) {
    mine.depth += 1;
    try {
      return fn();
    } finally {
      mine.depth -= 1;
    }
  }
  const lock = waitForLock(path);
  held.set(path, { lock, depth: 1 });
  try {
    return fn();
  } finally {
    held.delete(path);
    lock.release();
  }
}

function waitForLock(path: ByteString): FileLock {
  const deadline = Date.now() + PATIENCE_MS;
  for (let delay = 1; ; delay = Math.min(delay * 2, LONGEST_NAP_MS)) {
    const lock = tryLockFile(path);
    if (lock !== undefined) return lock;
    if (Date.now() > deadline) {
      throw new LayerlabError('LL_BUSY', `${fromByteString(path)} has been locked by another process for a minute`);
    }
    // Waiters that nap for different times do not wake each other up in lockstep.
    Atomics.wait(nap, 0, 0, delay * (0.5 + Math.random()));
  }
}
