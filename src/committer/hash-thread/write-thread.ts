import { SHARE_ENV, Worker } from 'node:worker_threads';
import { writeAll } from '../copy-bytes.ts';
import { CALLER, NOBODY } from './ring.ts';
import {
  ASKED,
  COMMAND_SIZE,
  COMMANDS,
  COMMANDS_AT,
  DROPS,
  FAILED,
  makeWriteQueue,
  STATE,
  WORDS_LENGTH,
  WORKS,
  WRITER,
  WRITTEN,
  type WriteQueue,
} from './write-queue.ts';

const START_MS = 300;
const PATIENCE_MS = 1000;

/** A new thread; undefined where the host gives none at all, which Node says at once. */
export function startWriteThread(script: string, slots: SharedArrayBuffer): WriteThread | undefined {
  try {
    return new WriteThread(script, slots);
  } catch {
    return undefined;
  }
}

/**
 * Writes beside this thread what lies in shared memory. All calls are synchronous. A thread that does not come up costs the time
 * to notice it: the caller writes itself then.
 */
export class WriteThread {
  readonly #queue: WriteQueue;
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  readonly #worker: Worker;
  readonly #startMs: number;
  #dead = false;
  #asked = 0;
  #isCaller = false;

  /**
   * @param script the file of the thread, `write-worker` as it was built
   * @param startMs how long it may take to come up before its work is done without it, milliseconds
   */
  constructor(script: string, slots: SharedArrayBuffer, startMs = START_MS) {
    this.#startMs = startMs;
    this.#queue = makeWriteQueue(slots);
    this.#control = new Int32Array(this.#queue.control);
    this.#slots = Buffer.from(slots);
    this.#worker = new Worker(script, { workerData: this.#queue, env: SHARE_ENV, execArgv: [] });
    this.#worker.on('error', () => {
      this.#dead = true;
    });
    this.#worker.unref();
  }

  /** Whether it can be used for a further file. */
  get usable(): boolean {
    return !this.#dead && !this.#isCaller;
  }

  /**
   * Has `length` bytes of the memory from `start` on written where an open file stands. They must stay as they are until
   * `wait` is back for the number that is returned. Throws what writing an earlier part threw.
   */
  write(file: number, start: number, length: number): number {
    this.wait((this.#asked - (COMMANDS - 1)) | 0);
    const at = COMMANDS_AT + (this.#asked & (COMMANDS - 1)) * COMMAND_SIZE;
    this.#control.set([file, start, length], at);
    this.#asked = (this.#asked + 1) | 0;
    if (this.#isCaller) this.#work(this.#asked - 1);
    else {
      Atomics.store(this.#control, ASKED, this.#asked);
      Atomics.notify(this.#control, ASKED);
    }
    return this.#asked;
  }

  /** Waits until a part, and all before it, are written; all parts unless told. Throws what writing them threw. */
  wait(number = this.#asked): void {
    this.#await(number);
    if (Atomics.load(this.#control, STATE) === FAILED) throw this.#failure();
  }

  /** Gives up what is not written yet. Nothing is being written any more when it is back, and files may be closed. */
  drop(): void {
    Atomics.store(this.#control, STATE, DROPS);
    this.#await(this.#asked);
    Atomics.store(this.#control, STATE, WORKS);
  }

  /** Ends the thread, whatever it is at. */
  stop(): void {
    void this.#worker.terminate();
  }

  #await(number: number): void {
    for (;;) {
      if (this.#isCaller) return;
      const written = Atomics.load(this.#control, WRITTEN);
      if (((number - written) | 0) <= 0) return;
      const starting = Atomics.load(this.#control, WRITER) === NOBODY;
      // A disk may keep a write for as long as it likes: as when this thread writes, nothing is done about it.
      const waited = Atomics.wait(this.#control, WRITTEN, written, starting ? this.#startMs : PATIENCE_MS);
      if (waited === 'timed-out' && starting) this.#takeOver();
    }
  }

  /** Writes what was asked for so far, and all that comes, in this thread; not where the thread has come up after all. */
  #takeOver(): void {
    if (Atomics.compareExchange(this.#control, WRITER, NOBODY, CALLER) !== NOBODY) return;
    this.#isCaller = true;
    for (let number = 0; number < this.#asked; number++) this.#work(number);
  }

  #work(number: number): void {
    if (Atomics.load(this.#control, STATE) !== WORKS) return;
    const at = COMMANDS_AT + (number & (COMMANDS - 1)) * COMMAND_SIZE;
    const [file = -1, start = 0, length = 0] = this.#control.subarray(at, at + COMMAND_SIZE);
    writeAll(file, this.#slots.subarray(start, start + length));
  }

  #failure(): Error {
    const length = this.#control[WORDS_LENGTH] ?? 0;
    const { code, message }: { readonly code?: string; readonly message: string } = JSON.parse(
      Buffer.from(this.#queue.words, 0, length).toString(),
    );
    return Object.assign(new Error(message), { code });
  }
}
