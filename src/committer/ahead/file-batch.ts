import type { ErrorCode } from '../../errors/catalogue.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { BLOCK, paddingOf } from '../../formats/tar-block.ts';
import type { PartSource } from '../../snapshot/change-node.ts';

/** Files larger than this, bytes, are copied by the thread that makes the layer. */
export const LARGEST_AHEAD = 256 * 1024;
export const MOST_FILES = 128;
export const CRC_SIZE = 8;
/**
 * A batch's memory, shared by two threads: the CRC-64 of each file; NUMBERS numbers of each; its times; a byte for each that is 1 where
 * the file has extended attributes that have to be looked at; for each how many bytes of tar-split were made, 0 for none; these one behind the other;
 * then the files as in the tar, each with one block for its header, which is filled in where there are bytes of tar-split, its content
 * and the zero bytes up to the next block.
 */
export const NUMBERS_AT = MOST_FILES * CRC_SIZE;
/** Numbers of each file in a batch. */
export const NUMBERS = 11;
export const TIMES_AT = NUMBERS_AT + MOST_FILES * NUMBERS * 8;
/** Two `timespec`s a file: seconds and nanoseconds of its access, then of its modification. */
export const TIMES = 4;
export const MARKS_AT = TIMES_AT + MOST_FILES * TIMES * 8;
export const LENGTHS_AT = MARKS_AT + MOST_FILES;
export const LINES_AT = LENGTHS_AT + MOST_FILES * 4;
/** What the two lines of a file take, at the most, bytes; more is made by the thread that makes the layer. */
export const MOST_LINES = 2048;
export const LINES_SIZE = MOST_FILES * MOST_LINES;
export const FILES_AT = LINES_AT + LINES_SIZE;
export const SLAB_SIZE = FILES_AT + 2 * LARGEST_AHEAD + MOST_FILES * BLOCK;

/** The bytes of a file in a tar, header and padding included. */
export function sizeInTar(size: number): number {
  return BLOCK + size + paddingOf(size);
}

/** KEPT is 1 where a file that is made with the mode has it, PLACED where it stands in its place. */
export const [SIZE, MODE, UID, GID, CHOWN, OFFSET, HEADER_MODE, SECONDS, POSITION, KEPT, PLACED] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
] as const;

/** Some files to copy, in the order of their tar. All of it can be cloned from thread to thread. */
export interface FileBatch {
  readonly slab: SharedArrayBuffer;
  /** What the places of the files begin with; the rest is how they are called in the layer. */
  readonly diff: ByteString;
  /** The source and the name of each, with zero bytes between: one long text travels faster than many short ones. */
  readonly paths: ByteString;
  /** Where all contents are parts of one file: that file; then the files have no sources of their own. */
  readonly part: PartSource | undefined;
  /** How names are written into tar-split; undefined where the thread that makes the layer does headers and tar-split. */
  readonly lines: { readonly longEscapes: boolean } | undefined;
}

/** A folder to remove. */
export interface Removal {
  readonly folder: ByteString;
}

export type BatchAnswer = { readonly failure: undefined } | { readonly failure: BatchFailure };

/** An error as it goes from thread to thread. */
export interface BatchFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}
