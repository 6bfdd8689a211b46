import type { ByteString } from '../../formats/bytestring.ts';
import type { PartSource } from '../../snapshot/change-node.ts';

/** Numbers of each file in an early batch. */
export const EARLY_NUMBERS = 7;
/** EARLY_KEPT is 1 where a file that is made with the mode has it. */
export const [EARLY_OFFSET, EARLY_SIZE, EARLY_MODE, EARLY_UID, EARLY_GID, EARLY_CHOWN, EARLY_KEPT] = [
  0, 1, 2, 3, 4, 5, 6,
] as const;

/**
 * Files of an archive to be put into their places before the layer is planned to the end. All of it can be cloned from thread
 * to thread.
 */
export interface EarlyBatch {
  /** What the contents are parts of; with no stamp yet where the file is ours and still grows. */
  readonly from: PartSource;
  /** What the places of the files begin with. */
  readonly diff: ByteString;
  /** How they are called in the layer, with zero bytes between. */
  readonly names: ByteString;
  readonly numbers: Float64Array;
  /** Two `timespec`s a file: seconds and nanoseconds of its access, then of its modification. */
  readonly times: BigInt64Array;
  /** Takes the CRC-64 of each content as it was written, `CRC_SIZE` bytes each. */
  readonly sums: SharedArrayBuffer;
}
