/**
 * The memory through which a writing thread is told what to write: parts of the slots that the hash is made of, each once.
 */
export interface WriteQueue {
  /** Int32: `WRITER`, `ASKED`, `WRITTEN`, `STATE`, `WORDS_LENGTH`, then three numbers for each command. */
  readonly control: SharedArrayBuffer;
  /** The ring's slots. */
  readonly slots: SharedArrayBuffer;
  /** What went wrong, as JSON: `code` and `message` of the error. */
  readonly words: SharedArrayBuffer;
}

/** Who writes: `NOBODY`, `THREAD` or `CALLER`, as of a ring. */
export const WRITER = 0;
/** Commands given, and commands done, since the beginning. Both only ever grow, and wrap around as 32 bits do. */
export const ASKED = 1;
export const WRITTEN = 2;
/** Commands are carried out, or only counted: because one failed, or because nobody wants them any more. */
export const STATE = 3;
export const WORKS = 0;
export const FAILED = 1;
export const DROPS = 2;
/** Bytes of `words`. */
export const WORDS_LENGTH = 4;

/** Each command: an open file, where its bytes begin in the slots, how many they are. */
export const COMMANDS_AT = 5;
export const COMMAND_SIZE = 3;
/** A power of two. */
export const COMMANDS = 32;

const WORDS_SIZE = 4096;

export function makeWriteQueue(slots: SharedArrayBuffer): WriteQueue {
  return {
    control: new SharedArrayBuffer((COMMANDS_AT + COMMANDS * COMMAND_SIZE) * 4),
    slots,
    words: new SharedArrayBuffer(WORDS_SIZE),
  };
}
