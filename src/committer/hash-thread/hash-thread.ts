import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { openCrc64 } from '../../formats/crc64.ts';
import { openSha256, type Sha256Stream } from '../../formats/sha256.ts';
import { idleProcessors } from '../../host/idle-processors.ts';
import { hashList, ListWriter, SUM_SIZE } from './hash-list.ts';
import { getPart, type HashedPart, hashPart, putPart } from './hash-part.ts';
import { ListQueue, type ListWork } from './list-reader.ts';
import {
  CALLER,
  FINISH,
  GIVEN,
  LENGTHS,
  LIST,
  makeRing,
  NOBODY,
  OWNER,
  PART,
  type Ring,
  SLOT_SIZE,
  SLOTS,
  TAKEN,
  THREAD,
  WORDS,
} from './ring.ts';
import { startWriteThread, type WriteThread } from './write-thread.ts';

/** The id of one that has ended. */
const NO_THREAD = -1;
const START_MS = 300;
const PATIENCE_MS = 1000;
/** A thread that takes nothing for so long has died: hashing a slot takes less than a millisecond. */
const MOST_PATIENCE = 120;
/** Of a part, or of the ranges of a list, as much as is hashed within a second or two, so that a thread which hashes is not taken for one that has died. */
export const MOST_AT_ONCE = 2 ** 30;

/** Longer pieces have slots of their own. */
const MOST_IN_LIST = 16 * 1024;

interface GivenList {
  /** How many slots, or lists, were given before it. */
  readonly number: number;
  readonly slot: Buffer;
  readonly sums: readonly number[];
  readonly listeners: readonly ((crc: Buffer) => void)[];
}

/** A new thread; undefined where the host gives none at all (EAGAIN: a limit on processes), which Node says at once. */
export function startHashThread(script: string): HashThread | undefined {
  try {
    return new HashThread(script);
  } catch {
    return undefined;
  }
}

/**
 * Hashes in a thread beside this one. All calls are synchronous: bytes are copied into shared memory, and only where that is
 * full the caller waits. A thread that does not come up costs the time to notice it, nothing else.
 */
export class HashThread {
  readonly #ring: Ring = makeRing();
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  readonly #digest: Buffer;
  readonly #worker: Worker;
  readonly #startMs: number;
  #failed = false;
  #given = 0;
  /** Bytes in the slot at hand. */
  #length = 0;
  /** Set where this thread hashes after all. */
  #own: Sha256Stream | undefined;
  #writer: WriteThread | undefined;
  /** Of each slot the last part that its writer may not have written yet. */
  readonly #unwritten: (number | undefined)[] = [];
  /** What is in the slot at hand, where that holds a list, and who hears of its CRC-64s. */
  #list: ListWriter | undefined;
  #listeners: ((crc: Buffer) => void)[] = [];
  /** Bytes of the ranges in it. */
  #listed = 0;
  /** Lists that were given and not heard of yet, the first one first. */
  readonly #lists: GivenList[] = [];
  /** Where lists go while another thread reads them; all bytes are in lists then. */
  #queue: ListQueue | undefined;

  /**
   * @param script the file of the thread, `hash-worker` as it was built
   * @param startMs how long it may take to come up before its work is done without it, milliseconds
   */
  constructor(script: string, startMs = START_MS) {
    this.#startMs = startMs;
    const ring = this.#ring;
    this.#control = new Int32Array(ring.control);
    this.#slots = Buffer.from(ring.slots);
    this.#digest = Buffer.from(ring.digest);
    this.#worker = new Worker(script, { workerData: ring, env: SHARE_ENV, execArgv: [] });
    this.#worker.on('error', () => {
      this.#failed = true;
    });
    this.#worker.unref();
  }

  /** Whether a further hash can be given to it. */
  get usable(): boolean {
    return !this.#failed && this.#own === undefined;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#own !== undefined) {
        this.#own.update(at === 0 ? bytes : bytes.subarray(at));
        return;
      }
      if (this.#queue !== undefined) {
        const count = Math.min(bytes.length - at, MOST_IN_LIST);
        this.#list ??= new ListWriter(this.#slot());
        if (this.#list.bytes(bytes.subarray(at, at + count))) at += count;
        else this.#flush();
        continue;
      }
      if (this.#list !== undefined) {
        if (bytes.length <= MOST_IN_LIST && this.#list.bytes(bytes)) return;
        this.#flush();
        continue;
      }
      const start = (this.#given & (SLOTS - 1)) * SLOT_SIZE + this.#length;
      const count = Math.min(bytes.length - at, SLOT_SIZE - this.#length);
      this.#slots.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), start);
      at += count;
      this.#length += count;
      if (this.#length === SLOT_SIZE) this.#flush();
    }
  }

  /**
   * Takes bytes that the thread reads itself. What they are is decided when they are read; a part that cannot be read makes
   * `finish` fail.
   */
  part({ file, offset, size }: HashedPart): void {
    for (let done = 0; done < size; done += MOST_AT_ONCE) {
      const part = { file, offset: offset + done, size: Math.min(MOST_AT_ONCE, size - done) };
      if (this.#own !== undefined) {
        hashPart(this.#own, part);
        continue;
      }
      this.#endLists();
      // Flushing may have found that nobody hashes but this thread.
      if (this.#own !== undefined) hashPart(this.#own, part);
      else {
        const start = (this.#given & (SLOTS - 1)) * SLOT_SIZE;
        putPart(part, this.#slots.subarray(start, start + SLOT_SIZE));
        this.#give(PART);
      }
    }
  }

  /** Takes `MOST_AT_ONCE` bytes of an open file at the most, which the thread reads itself, and tells of their CRC-64 some time later: see `StreamHash`. */
  range(file: number, offset: number, size: number, onSum: (crc: Buffer) => void): void {
    if (this.#own === undefined && (this.#length > 0 || this.#listed + size > MOST_AT_ONCE)) this.#flush();
    for (let isPut = false; !isPut; ) {
      if (this.#own !== undefined) {
        this.#hashRange(this.#own, file, offset, size, onSum);
        return;
      }
      this.#list ??= new ListWriter(this.#slot());
      isPut = this.#list.range(file, offset, size);
      if (!isPut) this.#flush();
    }
    this.#listeners.push(onSum);
    this.#listed += size;
  }

  /**
   * Has ranges read by another thread, so that this one has nothing to do but hash; until the hash is finished. Does nothing where
   * that one would have to wait for a thread that has not come up.
   *
   * @param start gives the work to a thread that does it with `readLists`
   * @param startMs see ListQueue
   */
  readBy(start: (work: ListWork) => void, startMs?: number): void {
    if (this.#own !== undefined || this.#queue !== undefined) return;
    if (Atomics.load(this.#control, OWNER) !== THREAD) return;
    this.#flush();
    // What is told of comes in one order.
    this.#wait(0);
    this.collect();
    this.#queue = new ListQueue(this.#ring, startMs);
    start(this.#queue.work);
  }

  /** Tells of the CRC-64s that are there by now. */
  collect(): void {
    const taken = this.#queue?.taken ?? Atomics.load(this.#control, TAKEN);
    for (let first = this.#lists[0]; first !== undefined; first = this.#lists[0]) {
      // Where this thread hashes after all, it has done all that was given.
      if (this.#own === undefined && ((first.number - taken) | 0) >= 0) return;
      this.#lists.shift();
      for (const [index, at] of first.sums.entries()) {
        first.listeners[index]?.(Buffer.from(first.slot.subarray(at, at + SUM_SIZE)));
      }
    }
  }

  #hashRange(own: Sha256Stream, file: number, offset: number, size: number, onSum: (crc: Buffer) => void): void {
    const slot = Buffer.alloc(64);
    const list = new ListWriter(slot);
    list.range(file, offset, size);
    list.end();
    hashList(own, openCrc64(), slot);
    const [at = 0] = list.sums;
    onSum(Buffer.from(slot.subarray(at, at + SUM_SIZE)));
  }

  #slot(): Buffer {
    if (this.#queue !== undefined) return this.#queue.slot();
    const start = (this.#given & (SLOTS - 1)) * SLOT_SIZE;
    return this.#slots.subarray(start, start + SLOT_SIZE);
  }

  /**
   * Makes ready to have bytes written to open files beside both threads. False where no thread is to be had for it, or a
   * new one would not be worth its start.
   */
  openWriter(script: string, isWorthStart: boolean): boolean {
    if (this.#own !== undefined) return false;
    if (this.#writer === undefined && isWorthStart && idleProcessors(1) > 0) {
      this.#writer = startWriteThread(script, this.#ring.slots);
    }
    if (this.#writer?.usable !== true) return false;
    // What is written begins with a slot, and so goes into the file in pieces of whole pages.
    this.#endLists();
    return true;
  }

  /** The memory that comes next; what is read into it can be given to `take`. */
  room(): Buffer {
    const start = (this.#given & (SLOTS - 1)) * SLOT_SIZE;
    return this.#slots.subarray(start + this.#length, start + SLOT_SIZE);
  }

  /** Takes the first bytes of `room`, and has them written to an open file too. Throws what writing earlier ones threw. */
  take(count: number, file: number): void {
    const slot = this.#given & (SLOTS - 1);
    const start = slot * SLOT_SIZE + this.#length;
    const part = this.#writer?.write(file, start, count);
    if (this.#own !== undefined) {
      this.#own.update(this.#slots.subarray(start, start + count));
      this.#writer?.wait(part);
      return;
    }
    this.#unwritten[slot] = part;
    this.#length += count;
    if (this.#length === SLOT_SIZE) this.#flush();
  }

  /** Returns when all that was taken is written. Throws what writing it threw. */
  settle(): void {
    this.#writer?.wait();
    this.#unwritten.length = 0;
  }

  /** Gives up writing what was taken; when it is back, the file can be closed. */
  dropWrites(): void {
    this.#writer?.drop();
    this.#unwritten.length = 0;
  }

  /**
   * The sha256 of all bytes since the last, 64 hexadecimal digits. Throws LL_IO where the thread has died, and what reading a
   * part threw.
   */
  finish(): string {
    this.#endLists();
    this.#give(FINISH);
    // What is to be told of is told as it comes: there is work with it.
    for (let left = SLOTS - 1; this.#own === undefined && this.#lists.length > 0 && left > 0; left--) {
      this.#wait(left);
      this.collect();
    }
    if (this.#own === undefined) this.#wait(0);
    this.collect();
    if (this.#own !== undefined) return this.#own.digest();
    const words = this.#control[WORDS] ?? 0;
    if (words === 0) return this.#digest.toString('hex', 0, 32);
    const { code, message }: { readonly code: ErrorCode; readonly message: string } = JSON.parse(
      this.#digest.toString('utf8', 0, words),
    );
    throw new LayerlabError(code, message);
  }

  /**
   * Ends the thread, whatever it is at; kept when it has ended. One that is coming up gets a second for that, and then ends by itself: while it
   * loads native code it cannot be ended safely.
   */
  async stop(): Promise<void> {
    this.#writer?.stop();
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.ref();
    if (Atomics.compareExchange(this.#control, OWNER, NOBODY, CALLER) !== THREAD) {
      if (this.#worker.threadId === NO_THREAD) return;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        ended,
        new Promise((resolve) => {
          timer = setTimeout(resolve, PATIENCE_MS);
        }),
      ]);
      clearTimeout(timer);
    }
    await this.#worker.terminate();
  }

  #flush(): void {
    if (this.#list !== undefined) {
      this.#list.end();
      const [listeners, { sums }] = [this.#listeners, this.#list];
      const number = this.#queue?.given ?? this.#given;
      this.#lists.push({ number, slot: this.#slot(), sums, listeners });
      [this.#list, this.#listeners, this.#listed] = [undefined, [], 0];
      if (this.#queue === undefined) this.#give(LIST);
      else {
        this.#queue.give(LIST);
        this.#waitRead();
      }
    }
    if (this.#length > 0) this.#give(this.#length);
    this.#length = 0;
  }

  /** As `#flush`, and ends what another thread reads: what comes next is given by this one. */
  #endLists(): void {
    this.#flush();
    if (this.#queue === undefined) return;
    this.#queue.give(FINISH);
    for (let left = this.#lists.length; left > 0; left--) {
      this.#waitRead(left);
    }
    this.#waitRead(0);
    this.#queue = undefined;
    this.#given = Atomics.load(this.#control, GIVEN);
  }

  #waitRead(most?: number): void {
    this.#queue?.wait(most);
    this.collect();
  }

  /** Hands over the slot at hand, and waits until there is a next one. */
  #give(length: number): void {
    if (this.#own !== undefined) return;
    this.#control[LENGTHS + (this.#given & (SLOTS - 1))] = length;
    this.#given = (this.#given + 1) | 0;
    Atomics.store(this.#control, GIVEN, this.#given);
    Atomics.notify(this.#control, GIVEN);
    this.#wait(SLOTS - 1);
    this.collect();
    const part = this.#unwritten[this.#given & (SLOTS - 1)];
    if (part !== undefined) this.#writer?.wait(part);
  }

  /** Waits until no more than so many slots are left to do. */
  #wait(most: number): void {
    for (let tries = 0; ; ) {
      const taken = Atomics.load(this.#control, TAKEN);
      if (((this.#given - taken) | 0) <= most) return;
      const starting = Atomics.load(this.#control, OWNER) === NOBODY;
      if (Atomics.wait(this.#control, TAKEN, taken, starting ? this.#startMs : PATIENCE_MS) !== 'timed-out') continue;
      if (starting && this.#takeOver()) return;
      if (++tries > MOST_PATIENCE) {
        this.#failed = true;
        throw new LayerlabError('LL_IO', 'a thread that hashes has stopped working');
      }
    }
  }

  /** Hashes what was given so far, and all that comes, in this thread. False: the thread has come up after all. */
  #takeOver(): boolean {
    if (Atomics.compareExchange(this.#control, OWNER, NOBODY, CALLER) !== NOBODY) return false;
    const own = openSha256();
    for (let slot = 0; slot < this.#given; slot++) {
      const length = this.#control[LENGTHS + slot] ?? 0;
      const bytes = this.#slots.subarray(slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE);
      if (length > 0) own.update(bytes.subarray(0, length));
      else if (length === PART) hashPart(own, getPart(bytes));
      else if (length === LIST) hashList(own, openCrc64(), bytes);
    }
    this.#own = own;
    return true;
  }
}
