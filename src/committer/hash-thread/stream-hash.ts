import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { openSha256 } from '../../formats/sha256.ts';
import { idleProcessors } from '../../host/idle-processors.ts';
import { type HashedPart, hashPart } from './hash-part.ts';
import { type HashThread, startHashThread } from './hash-thread.ts';
import type { ListWork } from './list-reader.ts';

export { MOST_AT_ONCE } from './hash-thread.ts';

/** A sha256 of bytes that come piece by piece. */
export interface StreamHash {
  /** Takes the next bytes; they may be overwritten once the call is back. */
  update(bytes: Uint8Array): void;
  /** Whether `part` reads beside this thread. */
  readonly readsParts: boolean;
  /** Takes bytes of a file, which are read before `digest` is back. Throws, now or then, what reading them throws. */
  part(part: HashedPart): void;
  /**
   * Takes bytes of an open file, `MOST_AT_ONCE` of them at the most, to be read beside this thread like those of a `part`; only where `readsParts`. `onSum` hears of the
   * CRC-64 of each such range in their order, at any later call. The file must not be closed before `digest` is back.
   */
  range(file: number, offset: number, size: number, onSum: (crc: Buffer) => void): void;
  /** Has ranges read by one more thread from now on, where this is hashed in one: `start` is given the work for `readLists`. */
  readBy(start: (work: ListWork) => void): void;
  /** Tells of the CRC-64s that are there by now. */
  collect(): void;
  /** For a content of so many bytes that is written to an open file; undefined where this thread has to write it. */
  writer(file: number, size: number): ContentWriter | undefined;
  /** The 64 hexadecimal digits; nothing can be added any more. Throws what reading a part threw. */
  digest(): string;
  /** Gives up a hash that nobody will ask for. Does nothing behind `digest`. */
  abandon(): void;
}

/** Writes a content to an open file while it is hashed, both beside this thread. */
export interface ContentWriter {
  /** Where the next bytes may be read to: at least one, and as many as a good read has. */
  room(): Buffer;
  /** Takes the first bytes of `room`. Throws what writing threw, as an error of `node:fs`. */
  take(count: number): void;
  /** Returns when all is written. Throws as `take` does. */
  finish(): void;
  /** Call it last of all, before the file is closed: what is not written by then is given up. */
  close(): void;
}

/** From so many bytes on a thread of its own is worth its start (some 15 ms) and its memory (some 12 MB). */
const WORTH_A_THREAD = 24 * 1024 * 1024;
/** From so many bytes on a content goes through the writing thread that is there already. */
const WORTH_A_WAIT = 4 * 1024 * 1024;

let script: string | undefined;
let writerScript: string | undefined;
let idle: HashThread | undefined;
/** Whether the idle thread was begun ahead of the hash that it is for. */
let isWarm = false;

/**
 * Begins a sha256: beside this thread where much is to come and a processor is idle, else in it. A thread that is
 * done waits for the next large hash, and keeps no process from ending.
 *
 * @param expected about how many bytes will come
 */
export function openHash(expected: number): StreamHash {
  if (expected < WORTH_A_THREAD || (!isWarm && idleProcessors(1) < 1)) return inThisThread();
  const thread = idle ?? startThread();
  idle = undefined;
  isWarm = false;
  return thread === undefined ? inThisThread() : inThread(thread);
}

/**
 * Begins the thread for a hash that is to come soon, so that it is there by then: starting takes as long as some 30 MB of
 * hashing. Does nothing where `openHash` would hash without one.
 */
export function warmHash(expected: number): void {
  if (idle !== undefined || expected < WORTH_A_THREAD || idleProcessors(1) < 1) return;
  idle = startThread();
  isWarm = idle !== undefined;
}

/** Returns when no thread runs that was begun ahead and not taken, and none comes up any more that was given up meanwhile. */
export async function endWarmHash(): Promise<void> {
  const unused = isWarm ? idle : undefined;
  if (unused !== undefined) {
    idle = undefined;
    isWarm = false;
    stop(unused);
  }
  await Promise.all(stopping);
}

const stopping = new Set<Promise<void>>();

function stop(thread: HashThread): void {
  const stopped = thread.stop().finally(() => void stopping.delete(stopped));
  stopping.add(stopped);
}

/**
 * Says that the next large hash belongs to work for which processors were idle when it began: the thread that waits takes it,
 * whatever else that work has started meanwhile.
 */
export function keepHashWarm(): void {
  isWarm = idle !== undefined;
}

function startThread(): HashThread | undefined {
  // Sources that are run as they are have no such file beside them.
  script ??= fileURLToPath(new URL('./hash-worker.cjs', import.meta.url));
  return existsSync(script) ? startHashThread(script) : undefined;
}

function inThisThread(): StreamHash {
  const hash = openSha256();
  return {
    update: (bytes) => hash.update(bytes),
    readsParts: false,
    part: (part) => hashPart(hash, part),
    range: () => {
      throw new LayerlabError('LL_IO', 'there is no thread to read for this one');
    },
    readBy: () => {},
    collect: () => {},
    writer: () => undefined,
    digest: () => hash.digest(),
    abandon: () => {},
  };
}

/** A sha256 that a thread makes which nothing else uses meanwhile; then it waits for the next large hash. */
export function inThread(thread: HashThread): StreamHash {
  let open = true;
  return {
    update: (bytes) => thread.update(bytes),
    readsParts: true,
    part: (part) => thread.part(part),
    range: (file, offset, size, onSum) => thread.range(file, offset, size, onSum),
    readBy: (start) => thread.readBy(start),
    collect: () => thread.collect(),
    writer: (file, size) => {
      writerScript ??= fileURLToPath(new URL('./write-worker.cjs', import.meta.url));
      if (size < WORTH_A_WAIT || !thread.openWriter(writerScript, size >= WORTH_A_THREAD)) return undefined;
      return {
        room: () => thread.room(),
        take: (count) => thread.take(count, file),
        finish: () => thread.settle(),
        close: () => thread.dropWrites(),
      };
    },
    digest: () => {
      const digest = thread.finish();
      open = false;
      if (idle === undefined && thread.usable) idle = thread;
      else stop(thread);
      return digest;
    },
    abandon: () => {
      if (open) stop(thread);
      open = false;
    },
  };
}
