/**
 * The middle of some numbers, or the mean of the two in the middle.
 *
 * @param {readonly number[]} values at least one
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** MB, of a million bytes each, of MiB. */
export function megabytes(mebibytes) {
  return Math.round(mebibytes * 1.048576);
}

/** As many digits as a reader makes use of: three. */
export function round(value) {
  return Number(value.toPrecision(3));
}
