/** The last time that 64 bits of nanoseconds can hold, in 2262. */
const LATEST = (1n << 63n) - 1n;

/** A time as unpacking a tar sets it: before 1970 or after 2262 it is 1970's first second (moby/go-archive boundTime). */
export function boundTime(time: bigint): bigint {
  return time < 0n || time > LATEST ? 0n : time;
}
