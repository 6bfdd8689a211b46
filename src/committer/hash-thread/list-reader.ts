import type { ErrorCode } from '../../errors/catalogue.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type Crc64, openCrc64 } from '../../formats/crc64.ts';
import { ioError } from '../../host/io-error.ts';
import { type BlockSink, readList } from './hash-list.ts';
import {
  CALLER,
  FAILURE,
  FINISH,
  GIVEN,
  LENGTHS,
  type LIST,
  makeRing,
  NOBODY,
  OWNER,
  type Ring,
  SLOT_SIZE,
  SLOTS,
  TAKEN,
  THREAD,
} from './ring.ts';

/** Slots for lists, a power of two: headers of 20,000 files, so that who makes lists has not to wait while these are hashed. */
const LISTS = 32;
/** Until a thread that waits looks whether it is to stop, milliseconds. */
const LOOK_MS = 20;
const PATIENCE_MS = 1000;
/** As often nothing may have been hashed meanwhile. */
const MOST_PATIENCE = 120;

/** What a thread that reads lists works with; all of it can be cloned from thread to thread. */
export interface ListWork {
  /** Lists as they come; `FINISH` ends them. */
  readonly lists: Ring;
  /** The ring of the thread that hashes, which nobody else gives anything until the lists have ended. */
  readonly hashed: Ring;
}

/**
 * Hands lists to a thread that reads the ranges in them for the one that hashes. Where that is not free in time, the thread that makes
 * the lists reads them itself.
 */
export class ListQueue {
  readonly work: ListWork;
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  readonly #hashed: Int32Array;
  readonly #startMs: number;
  #given = 0;
  #own: ListReader | undefined;

  /** @param startMs how long nobody may begin to read while this thread waits, milliseconds */
  constructor(hashed: Ring, startMs = PATIENCE_MS) {
    this.work = { lists: makeRing(LISTS), hashed };
    this.#control = new Int32Array(this.work.lists.control);
    this.#slots = Buffer.from(this.work.lists.slots);
    this.#hashed = new Int32Array(hashed.control);
    this.#startMs = startMs;
  }

  /** How many lists were given. */
  get given(): number {
    return this.#given;
  }

  /** How many of them were read. */
  get taken(): number {
    return Atomics.load(this.#control, TAKEN);
  }

  /** The memory of the next list. */
  slot(): Buffer {
    return slotOf(this.#slots, this.#given);
  }

  /** Hands over the slot at hand, as a list or as the end of all; `wait` says when there is a next one. */
  give(kind: typeof LIST | typeof FINISH): void {
    this.#control[LENGTHS + (this.#given & (LISTS - 1))] = kind;
    this.#given = (this.#given + 1) | 0;
    Atomics.store(this.#control, GIVEN, this.#given);
    Atomics.notify(this.#control, GIVEN);
  }

  /**
   * Waits until no more than so many are left to be read; all but one slot, unless told.
   *
   * @throws LL_IO where a thread has stopped working
   */
  wait(most = LISTS - 1): void {
    let seen = this.#progress();
    for (let tries = 0; ; ) {
      const { taken } = this;
      if (((this.#given - taken) | 0) <= most) return;
      if (this.#own !== undefined) {
        this.#own.step();
        continue;
      }
      const isBegun = Atomics.load(this.#control, OWNER) !== NOBODY;
      if (Atomics.wait(this.#control, TAKEN, taken, isBegun ? PATIENCE_MS : this.#startMs) !== 'timed-out') continue;
      if (Atomics.compareExchange(this.#control, OWNER, NOBODY, CALLER) === NOBODY) {
        this.#own = new ListReader(
          this.work,
          openCrc64(),
          impatience(() => this.#progress()),
        );
        continue;
      }
      // A large content is one range in one list.
      const now = this.#progress();
      tries = now === seen ? tries + 1 : 0;
      seen = now;
      if (tries > MOST_PATIENCE) throw stopped();
    }
  }

  #progress(): number {
    return Atomics.load(this.#hashed, TAKEN);
  }
}

/** Says true when nothing was hashed for too long. */
function impatience(progress: () => number): () => boolean {
  let [seen, since] = [progress(), performance.now()];
  return () => {
    const now = progress();
    if (now !== seen) [seen, since] = [now, performance.now()];
    return performance.now() - since > MOST_PATIENCE * PATIENCE_MS;
  };
}

function stopped(): LayerlabError {
  return new LayerlabError('LL_IO', 'a thread that hashes, or reads for it, has stopped working');
}

function slotOf(slots: Buffer, number: number): Buffer {
  const start = (number & (LISTS - 1)) * SLOT_SIZE;
  return slots.subarray(start, start + SLOT_SIZE);
}

/**
 * Reads what lists name into the ring of a thread that hashes, until they end, and leaves the CRC-64s in them. `isStopped` is asked
 * while there is something to wait for. Why something cannot be read goes to that thread, in place of the bytes. Does nothing where
 * the thread that makes the lists has begun to read them itself.
 */
export function readLists(work: ListWork, crc: Crc64, isStopped: () => boolean): void {
  const control = new Int32Array(work.lists.control);
  if (isStopped() || Atomics.compareExchange(control, OWNER, NOBODY, THREAD) !== NOBODY) return;
  const reader = new ListReader(work, crc, isStopped);
  try {
    while (reader.step());
  } catch {
    // Nobody waits for it any more.
  }
}

/** Reads one list after the other. */
class ListReader {
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  readonly #crc: Crc64;
  readonly #isStopped: () => boolean;
  readonly #sink: RingSink;
  #taken = 0;
  #isFailed = false;

  constructor({ lists, hashed }: ListWork, crc: Crc64, isStopped: () => boolean) {
    this.#control = new Int32Array(lists.control);
    this.#slots = Buffer.from(lists.slots);
    this.#crc = crc;
    this.#isStopped = isStopped;
    this.#sink = new RingSink(hashed, isStopped);
  }

  /** Waits for a list and reads it. False: they have ended. Throws LL_IO where it is stopped. */
  step(): boolean {
    while (Atomics.load(this.#control, GIVEN) === this.#taken) {
      if (this.#isStopped()) throw stopped();
      Atomics.wait(this.#control, GIVEN, this.#taken, LOOK_MS);
    }
    const isEnd = this.#control[LENGTHS + (this.#taken & (LISTS - 1))] === FINISH;
    if (isEnd) this.#sink.flush();
    else if (!this.#isFailed) this.#read(slotOf(this.#slots, this.#taken));
    this.#taken = (this.#taken + 1) | 0;
    Atomics.store(this.#control, TAKEN, this.#taken);
    Atomics.notify(this.#control, TAKEN);
    return !isEnd;
  }

  #read(slot: Buffer): void {
    try {
      readList(this.#sink, this.#crc, slot);
    } catch (error) {
      if (this.#sink.isStopped) throw error;
      this.#isFailed = true;
      this.#sink.fail(error);
    }
  }
}

/** Gives bytes to a thread that hashes. */
class RingSink implements BlockSink {
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  readonly #isStopped: () => boolean;
  #given: number;
  #length = 0;
  /** Whether it has given up to wait. */
  isStopped = false;

  constructor(ring: Ring, isStopped: () => boolean) {
    this.#control = new Int32Array(ring.control);
    this.#slots = Buffer.from(ring.slots);
    this.#isStopped = isStopped;
    this.#given = Atomics.load(this.#control, GIVEN);
  }

  room(): Buffer {
    const start = (this.#given & (SLOTS - 1)) * SLOT_SIZE;
    return this.#slots.subarray(start + this.#length, start + SLOT_SIZE);
  }

  take(count: number): void {
    this.#length += count;
    if (this.#length === SLOT_SIZE) this.flush();
  }

  flush(): void {
    if (this.#length > 0) this.#give(this.#length);
  }

  fail(error: unknown): void {
    const { code, message } = ioError(error, 'hashing');
    this.#length = 0;
    const room = this.room();
    const words = JSON.stringify({ code, message: message.slice(0, 1000) });
    room.writeUInt32LE(room.write(words, 4), 0);
    this.#give(FAILURE);
  }

  /** Hands over the slot at hand, and waits until there is a next one. */
  #give(length: number): void {
    this.#control[LENGTHS + (this.#given & (SLOTS - 1))] = length;
    this.#length = 0;
    this.#given = (this.#given + 1) | 0;
    Atomics.store(this.#control, GIVEN, this.#given);
    Atomics.notify(this.#control, GIVEN);
    for (;;) {
      const taken = Atomics.load(this.#control, TAKEN);
      if (((this.#given - taken) | 0) < SLOTS) return;
      this.isStopped = this.#isStopped();
      if (this.isStopped) throw stopped();
      Atomics.wait(this.#control, TAKEN, taken, LOOK_MS);
    }
  }
}

/** What `readLists` left in a slot in place of bytes. */
export function failureIn(slot: Buffer): LayerlabError {
  const { code, message }: { readonly code: ErrorCode; readonly message: string } = JSON.parse(
    slot.toString('utf8', 4, 4 + slot.readUInt32LE(0)),
  );
  return new LayerlabError(code, message);
}
