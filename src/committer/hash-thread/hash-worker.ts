import { workerData } from 'node:worker_threads';
import { type Crc64, openCrc64 } from '../../formats/crc64.ts';
import { openSha256 } from '../../formats/sha256.ts';
import { ioError } from '../../host/io-error.ts';
import { useNodeLibraries } from '../../host/node-libraries.ts';
import { hashList } from './hash-list.ts';
import { getPart, hashPart } from './hash-part.ts';
import { failureIn } from './list-reader.ts';
import {
  FAILURE,
  FINISH,
  GIVEN,
  LENGTHS,
  LIST,
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

// A thread of its own (dist/hash-worker.cjs): takes slots of the ring into a sha256 as they come, for one layer after the other.

const ring: Ring = workerData;
const control = new Int32Array(ring.control);
const slots = Buffer.from(ring.slots);
const digest = Buffer.from(ring.digest);

useNodeLibraries();
let hash = openSha256();
// All native code is loaded by now: a thread that is ended while it loads some ends the process.
if (Atomics.compareExchange(control, OWNER, NOBODY, THREAD) === NOBODY) {
  let crc: Crc64 | undefined;
  let failure: unknown;
  for (let taken = 0; ; ) {
    while (Atomics.load(control, GIVEN) === taken) Atomics.wait(control, GIVEN, taken);
    const slot = taken & (SLOTS - 1);
    const length = control[LENGTHS + slot] ?? 0;
    const bytes = slots.subarray(slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE);
    if (length === FINISH) {
      control[WORDS] = failure === undefined ? 0 : digest.write(wordsOf(failure));
      if (failure === undefined) digest.write(hash.digest(), 'hex');
      hash = openSha256();
      failure = undefined;
    } else if (length === PART) {
      try {
        hashPart(hash, getPart(bytes));
      } catch (error) {
        failure ??= error;
      }
    } else if (length === LIST) {
      try {
        crc ??= openCrc64();
        if (failure === undefined) hashList(hash, crc, bytes);
      } catch (error) {
        failure ??= error;
      }
    } else if (length === FAILURE) {
      failure ??= failureIn(bytes);
    } else {
      hash.update(bytes.subarray(0, length));
    }
    taken = (taken + 1) | 0;
    Atomics.store(control, TAKEN, taken);
    Atomics.notify(control, TAKEN);
  }
}

function wordsOf(failure: unknown): string {
  const { code, message } = ioError(failure, 'hashing');
  return JSON.stringify({ code, message: message.slice(0, 1000) });
}
