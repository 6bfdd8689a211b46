import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { idleProcessors } from '../../host/idle-processors.ts';
import { type HashThread, startHashThread } from './hash-thread.ts';

/** A sha256 of bytes that come piece by piece. */
export interface StreamHash {
  /** Takes the next bytes; they may be overwritten once the call is back. */
  update(bytes: Uint8Array): void;
  /** The 64 hexadecimal digits; nothing can be added any more. */
  digest(): string;
  /** Gives up a hash that nobody will ask for. Does nothing behind `digest`. */
  abandon(): void;
}

/** From so many bytes on a thread of its own is worth its start (some 15 ms) and its memory (some 12 MB). */
const WORTH_A_THREAD = 24 * 1024 * 1024;

let script: string | undefined;
let idle: HashThread | undefined;

/**
 * Begins a sha256: beside this thread where much is to come and a processor is idle, else in it. A thread that is
 * done waits for the next large hash, and keeps no process from ending.
 *
 * @param expected about how many bytes will come
 */
export function openHash(expected: number): StreamHash {
  if (expected < WORTH_A_THREAD || idleProcessors() < 1) return inThisThread();
  // Sources that are run as they are have no such file beside them.
  script ??= fileURLToPath(new URL('./hash-worker.cjs', import.meta.url));
  if (idle === undefined && !existsSync(script)) return inThisThread();
  const thread = idle ?? startHashThread(script);
  idle = undefined;
  return thread === undefined ? inThisThread() : inThread(thread);
}

function inThisThread(): StreamHash {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest('hex'),
    abandon: () => {},
  };
}

function inThread(thread: HashThread): StreamHash {
  let open = true;
  return {
    update: (bytes) => thread.update(bytes),
    digest: () => {
      const digest = thread.finish();
      open = false;
      if (idle === undefined && thread.usable) idle = thread;
      else thread.stop();
      return digest;
    },
    abandon: () => {
      if (open) thread.stop();
      open = false;
    },
  };
}
