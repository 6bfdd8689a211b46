import type { ErrorCode } from '../../errors/catalogue.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import type { PartSource } from '../../snapshot/change-node.ts';

/** Files larger than this, bytes, are copied by the thread that makes the layer. */
export const LARGEST_AHEAD = 256 * 1024;
export const MOST_FILES = 128;
export const CRC_SIZE = 8;
/**
 * A batch's memory, shared by two threads: the CRC-64 of each file, a byte for each that is 1 where the file has extended
 * attributes that have to be looked at, then the contents one after the other.
 */
export const MARKS_AT = MOST_FILES * CRC_SIZE;
export const CONTENTS_AT = MARKS_AT + MOST_FILES;
export const SLAB_SIZE = CONTENTS_AT + 2 * LARGEST_AHEAD;

/** Numbers of each file in a batch. */
export const NUMBERS = 6;
export const [SIZE, MODE, UID, GID, CHOWN, OFFSET] = [0, 1, 2, 3, 4, 5] as const;

/** Two `timespec`s a file: seconds and nanoseconds of its access, then of its modification. */
export const TIMES = 4;

/** Some files to copy, in the order of their tar. All of it can be cloned from thread to thread. */
export interface FileBatch {
  readonly slab: SharedArrayBuffer;
  /** What the places of the files begin with; the rest is how they are called in the layer. */
  readonly diff: ByteString;
  /** The source and the name of each, with zero bytes between: one long text travels faster than many short ones. */
  readonly paths: ByteString;
  readonly numbers: Float64Array;
  /** Where all contents are parts of one file: that file; then the files have no sources of their own. */
  readonly part: PartSource | undefined;
  readonly times: BigInt64Array;
}

export type BatchAnswer = { readonly failure: undefined } | { readonly failure: BatchFailure };

/** An error as it goes from thread to thread. */
export interface BatchFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}
