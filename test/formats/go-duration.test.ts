import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatGoDuration, parseGoDuration } from '../../src/formats/go-duration.ts';
import { fixture } from './fixture.ts';

// Nanoseconds and Duration.String, or null and the error, as a Go program says.
const vectors: { readonly durations: readonly (readonly [string, string | null, string])[] } = JSON.parse(
  fixture('go-vectors.json').toString(),
);

describe('durations', () => {
  it.each(vectors.durations)('reads %j as Go does', (text, nanoseconds, shown) => {
    if (nanoseconds === null) {
      expect(() => parseGoDuration(text)).toThrow(expect.objectContaining({ code: 'LL_USAGE', message: shown }));
    } else {
      expect(parseGoDuration(text)).toBe(BigInt(nanoseconds));
      expect(formatGoDuration(BigInt(nanoseconds))).toBe(shown);
    }
  });

  it('are read back as printed, up to weeks', () => {
    const limit = 2n ** 50n;
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), (nanoseconds) => {
        expect(parseGoDuration(formatGoDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });
});
