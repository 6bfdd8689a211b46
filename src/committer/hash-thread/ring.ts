/**
 * The memory that a hashing thread shares with the thread that it works for: slots of bytes, handed over one after the other,
 * and the numbers of those that were given and taken. Lists go to a thread that reads by another one.
 */
export interface Ring {
  /** Int32: `OWNER`, `GIVEN`, `TAKEN`, `WORDS`, then for each slot its length, `FINISH`, `PART`, `LIST` or `FAILURE`. */
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  /** Of the last finished hash, 32 bytes; or why there is none, as JSON. */
  readonly digest: SharedArrayBuffer;
}

/** Who hashes: nobody yet, the thread, or (as the thread did not come up in time) the one it was to work for. */
export const OWNER = 0;
export const NOBODY = 0;
export const THREAD = 1;
export const CALLER = 2;
/** Slots handed over, and slots done, since the beginning. Both only ever grow, and wrap around as 32 bits do. */
export const GIVEN = 1;
export const TAKEN = 2;
/** 0, or how many bytes of words stand in place of a digest: a part could not be read. */
export const WORDS = 3;
export const LENGTHS = 4;

/** Instead of a length: the hash is complete, and another begins behind it. */
export const FINISH = -1;
/** Instead of a length: the slot says which part of a file is to be read and hashed (see hash-part). */
export const PART = -2;
/** Instead of a length: the slot holds a list of bytes and of ranges of a file, and takes the ranges' CRC-64s (see hash-list). */
export const LIST = -3;

/** Instead of a length: why bytes that another thread was to read did not come, as JSON (see list-reader). */
export const FAILURE = -4;

/** A power of two. */
export const SLOTS = 16;
export const SLOT_SIZE = 256 * 1024;

const WORDS_SIZE = 8192;

export function makeRing(slots = SLOTS): Ring {
  return {
    control: new SharedArrayBuffer((LENGTHS + slots) * 4),
    slots: new SharedArrayBuffer(slots * SLOT_SIZE),
    digest: new SharedArrayBuffer(WORDS_SIZE),
  };
}
