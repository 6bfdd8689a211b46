import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alignTexts } from '../../src/engine/align-texts.ts';

const never = (): boolean => false;
const sameStart = (a: string, b: string): boolean => a[0] === b[0];
const drawn = (
  a: readonly string[],
  b: readonly string[],
  akin: (a: string, b: string) => boolean = never,
): readonly string[] => alignTexts(a, b, akin).map((pair) => `${a[pair.a ?? -1] ?? '.'}|${b[pair.b ?? -1] ?? '.'}`);

describe('two lists side by side', () => {
  it('keep what they have in common in one line', () => {
    expect(drawn(['a', 'b', 'c', 'd'], ['b', 'x', 'd'])).toEqual(['a|.', 'b|b', 'c|.', '.|x', 'd|d']);
    expect(drawn([], ['x'])).toEqual(['.|x']);
    expect(drawn([], [])).toEqual([]);
  });

  it('set an edited line beside its older self, and only between equal neighbours', () => {
    expect(drawn(['F', 'R1', 'E'], ['F', 'C', 'R2', 'E'], sameStart)).toEqual(['F|F', '.|C', 'R1|R2', 'E|E']);
    expect(drawn(['R1', 'E'], ['E', 'R2'], sameStart)).toEqual(['R1|.', 'E|E', '.|R2']);
  });

  it('are still set side by side where they are too long for a table', () => {
    const a = Array.from({ length: 3000 }, (_, at) => `a${at}`);
    const b = Array.from({ length: 3000 }, (_, at) => `b${at}`);
    const pairs = alignTexts(['same', ...a], ['same', ...b], never);
    expect(pairs[0]).toEqual({ a: 0, b: 0 });
    expect(pairs).toHaveLength(6001);
  });

  it('keep their order, and have each of their lines exactly once', () => {
    const list = fc.array(fc.constantFrom('A1', 'A2', 'B1', 'B2', 'C'), { maxLength: 12 });
    fc.assert(
      fc.property(list, list, fc.boolean(), (a, b, fuzzy) => {
        const pairs = alignTexts(a, b, fuzzy ? sameStart : never);
        expect(pairs.flatMap((pair) => pair.a ?? [])).toEqual(a.map((_, at) => at));
        expect(pairs.flatMap((pair) => pair.b ?? [])).toEqual(b.map((_, at) => at));
        for (const pair of pairs) {
          if (pair.a === undefined || pair.b === undefined) continue;
          const [one, other] = [a[pair.a] ?? '', b[pair.b] ?? ''];
          expect(one === other || (fuzzy && sameStart(one, other))).toBe(true);
        }
      }),
    );
  });
});
