import { createHash } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { FINISH, GIVEN, LENGTHS, NOBODY, OWNER, type Ring, SLOT_SIZE, SLOTS, TAKEN, THREAD } from './ring.ts';

// A thread of its own (dist/hash-worker.cjs): takes slots of the ring into a sha256 as they come, for one layer after the other.

const ring: Ring = workerData;
const control = new Int32Array(ring.control);
const slots = Buffer.from(ring.slots);
const digest = Buffer.from(ring.digest);

if (Atomics.compareExchange(control, OWNER, NOBODY, THREAD) === NOBODY) {
  let hash = createHash('sha256');
  for (let taken = 0; ; ) {
    while (Atomics.load(control, GIVEN) === taken) Atomics.wait(control, GIVEN, taken);
    const slot = taken & (SLOTS - 1);
    const length = control[LENGTHS + slot] ?? 0;
    if (length === FINISH) {
      hash.digest().copy(digest);
      hash = createHash('sha256');
    } else {
      hash.update(slots.subarray(slot * SLOT_SIZE, slot * SLOT_SIZE + length));
    }
    taken = (taken + 1) | 0;
    Atomics.store(control, TAKEN, taken);
    Atomics.notify(control, TAKEN);
  }
}
