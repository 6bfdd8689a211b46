import type { BigIntStats } from 'node:fs';
import { splitDevice } from './syscalls.ts';

/**
 * What `lstat` says of a file, as numbers of 32 bits: FACT_WORDS of them at `at`. Those of a folder's files lie one behind the
 * other, so that many of them are neither objects nor a matter for the collector.
 */
export interface FileFacts {
  readonly words: Uint32Array;
  readonly at: number;
}

/**
 * Where what is, as in the kernel's own struct statx, so that it can write there: of two words the lower one comes first, and times are seconds
 * in two words and nanoseconds in one.
 */
export const [NLINK, UID, GID, MODE, INO, SIZE, ATIME, CTIME, MTIME, RDEV, DEVICE] = [
  4, 5, 6, 7, 8, 10, 16, 24, 28, 32, 34,
] as const;
export const FACT_WORDS = 36;

const NANOS = 1_000_000_000;
const NS = BigInt(NANOS);
const WORD = 2 ** 32;
/** Where the upper word is below this, the whole number is exact without BigInt. */
const EXACT_HIGH = 2 ** 21;

/** A number of two words; exact below 2^53. */
export function wideFact({ words, at }: FileFacts, field: number): number {
  return (words[at + field + 1] as number) * WORD + (words[at + field] as number);
}

/** A number of two words. */
export function bigFact(facts: FileFacts, field: number): bigint {
  const { words, at } = facts;
  const high = words[at + field + 1] as number;
  if (high < EXACT_HIGH) return BigInt(wideFact(facts, field));
  return (BigInt(high) << 32n) | BigInt(words[at + field] as number);
}

/** A number of two words in decimal digits. */
export function factText(facts: FileFacts, field: number): string {
  const high = facts.words[facts.at + field + 1] as number;
  return high < EXACT_HIGH ? `${wideFact(facts, field)}` : `${bigFact(facts, field)}`;
}

/** The whole seconds of a time, rounded down; exact below 2^53. */
export function secondsFact({ words, at }: FileFacts, field: number): number {
  return ((words[at + field + 1] as number) | 0) * WORD + (words[at + field] as number);
}

export function isFolder({ words, at }: FileFacts): boolean {
  return ((words[at + MODE] as number) & 0o170000) === 0o040000;
}

export function isFile({ words, at }: FileFacts): boolean {
  return ((words[at + MODE] as number) & 0o170000) === 0o100000;
}

/** A time in nanoseconds since the epoch. */
export function timeFact(facts: FileFacts, field: number): bigint {
  const { words, at } = facts;
  const nanos = BigInt(words[at + field + 2] as number);
  const isExact = (words[at + field + 1] as number) < EXACT_HIGH;
  const seconds = isExact ? BigInt(wideFact(facts, field)) : BigInt.asIntN(64, bigFact(facts, field));
  return seconds * NS + nanos;
}

/** A time in nanoseconds since the epoch, in decimal digits. */
export function timeText(facts: FileFacts, field: number): string {
  const { words, at } = facts;
  const nanos = words[at + field + 2] as number;
  const isPlain = (words[at + field + 1] as number) < EXACT_HIGH && nanos < NANOS;
  const seconds = isPlain ? wideFact(facts, field) : 0;
  // Of a number with as many digits as there can be, all but the first one.
  return seconds > 0 ? `${seconds}${`${NANOS + nanos}`.slice(1)}` : `${timeFact(facts, field)}`;
}

/** The facts of one file that Node looked at. */
export function factsOf(stat: BigIntStats): FileFacts {
  const words = new Uint32Array(FACT_WORDS);
  const wide = (field: number, value: bigint): void => {
    words[field] = Number(value & 0xffffffffn);
    words[field + 1] = Number((value >> 32n) & 0xffffffffn);
  };
  const time = (field: number, value: bigint): void => {
    const rest = ((value % NS) + NS) % NS;
    wide(field, (value - rest) / NS);
    words[field + 2] = Number(rest);
  };
  const device = (field: number, value: bigint): void => {
    const { major, minor } = splitDevice(value);
    words[field] = major;
    words[field + 1] = minor;
  };
  words[MODE] = Number(stat.mode);
  words[NLINK] = Number(stat.nlink);
  words[UID] = Number(stat.uid);
  words[GID] = Number(stat.gid);
  wide(INO, stat.ino);
  wide(SIZE, stat.size);
  time(ATIME, stat.atimeNs);
  time(MTIME, stat.mtimeNs);
  time(CTIME, stat.ctimeNs);
  device(DEVICE, stat.dev);
  device(RDEV, stat.rdev);
  return { words, at: 0 };
}
