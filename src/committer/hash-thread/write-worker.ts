import { workerData } from 'node:worker_threads';
import { errnoOf } from '../../host/io-error.ts';
import { writeAll } from '../copy-bytes.ts';
import { NOBODY, THREAD } from './ring.ts';
import {
  ASKED,
  COMMAND_SIZE,
  COMMANDS,
  COMMANDS_AT,
  FAILED,
  STATE,
  WORDS_LENGTH,
  WORKS,
  WRITER,
  WRITTEN,
  type WriteQueue,
} from './write-queue.ts';

// A thread of its own (dist/write-worker.cjs): writes parts of shared memory to open files, in the order in which it is told.

const queue: WriteQueue = workerData;
const control = new Int32Array(queue.control);
const slots = Buffer.from(queue.slots);

function work(at: number): void {
  const [file = -1, start = 0, length = 0] = control.subarray(at, at + COMMAND_SIZE);
  try {
    writeAll(file, slots.subarray(start, start + length));
  } catch (error) {
    const words = JSON.stringify({ code: errnoOf(error), message: error instanceof Error ? error.message : '' });
    control[WORDS_LENGTH] = Buffer.from(queue.words).write(words);
    Atomics.store(control, STATE, FAILED);
  }
}

if (Atomics.compareExchange(control, WRITER, NOBODY, THREAD) === NOBODY) {
  for (let done = 0; ; ) {
    while (Atomics.load(control, ASKED) === done) Atomics.wait(control, ASKED, done);
    if (Atomics.load(control, STATE) === WORKS) work(COMMANDS_AT + (done & (COMMANDS - 1)) * COMMAND_SIZE);
    done = (done + 1) | 0;
    Atomics.store(control, WRITTEN, done);
    Atomics.notify(control, WRITTEN);
  }
}
