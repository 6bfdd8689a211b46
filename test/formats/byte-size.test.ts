import { describe, expect, it } from '@jest/globals';
import { parseByteSize } from '../../src/formats/byte-size.ts';

describe('sizes written for people', () => {
  // dustin/go-humanize, bytes_test.go and its table of units.
  it.each([
    ['42', 42],
    ['42MB', 42_000_000],
    ['42MiB', 44_040_192],
    ['42mb', 42_000_000],
    ['42 MB', 42_000_000],
    ['42 mib', 44_040_192],
    ['42M', 42_000_000],
    ['42Mi', 44_040_192],
    ['42.5MB', 42_500_000],
    ['1,005.03 MB', 1_005_030_000],
    ['12.5 EB', undefined],
    ['12.5 PB', 12_500_000_000_000_000],
    ['.5k', 500],
    ['5.k', 5000],
    ['0.9b', 0],
    ['', undefined],
    ['MB', undefined],
    ['-1', undefined],
    ['1 MB MB', undefined],
    ['1x', undefined],
    ['1e3', undefined],
    [',', undefined],
  ])('%j is %j', (text, size) => {
    expect(parseByteSize(text)).toBe(size);
  });
});
