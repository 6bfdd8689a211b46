import { describe, expect, it } from '@jest/globals';
import { FACT_WORDS, factText, INO, MTIME, timeFact, timeText } from '../../src/host/file-facts.ts';

/** Facts whose words at `field` are what the kernel would have put there. */
function facts(field: number, value: bigint, nanos = 0): { words: Uint32Array; at: number } {
  const words = new Uint32Array(FACT_WORDS * 2);
  const at = FACT_WORDS;
  words[at + field] = Number(value & 0xffffffffn);
  words[at + field + 1] = Number((value >> 32n) & 0xffffffffn);
  words[at + field + 2] = nanos;
  return { words, at };
}

describe('what lstat said of a file, as text', () => {
  it.each([
    [0n, '0'],
    [4_294_967_295n, '4294967295'],
    [4_294_967_296n, '4294967296'],
    [9_007_199_254_740_991n, '9007199254740991'],
    [9_007_199_254_740_993n, '9007199254740993'],
    [18_446_744_073_709_551_615n, '18446744073709551615'],
  ])('has all digits of the number %s', (value, text) => {
    expect(factText(facts(INO, value), INO)).toBe(text);
  });

  it.each([
    [0n, 0, '0'],
    [0n, 5, '5'],
    [1n, 5, '1000000005'],
    [1_700_000_000n, 999_999_999, '1700000000999999999'],
    [17_179_869_183n, 1, '17179869183000000001'],
    [9_007_199_254_740_993n, 20, '9007199254740993000000020'],
    [-1n, 0, '-1000000000'],
    [-1n, 999_999_999, '-1'],
    [-2_147_483_648n, 1, '-2147483647999999999'],
  ])('has all digits of the time %s s and %s ns', (seconds, nanos, text) => {
    const one = facts(MTIME, BigInt.asUintN(64, seconds), nanos);
    expect(timeText(one, MTIME)).toBe(text);
    expect(timeFact(one, MTIME)).toBe(BigInt(text));
  });
});
