import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type KeyPart, stepKey } from '../../../src/executor/cache/step-key.ts';

const { parts } = fc.letrec<{ part: KeyPart; parts: KeyPart[] }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: fc.constantFrom('a', '"', ',', '[', ']', '\\', 'null', '\u0000', '\ud800', 'é') }),
    fc.constantFrom('', 'null', 'undefined', 'true', '0', '[]', '{}'),
    fc.constantFrom<KeyPart>(null, undefined, true, false, 0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY),
    fc.double(),
    tie('parts'),
  ),
  parts: fc.array(tie('part'), { maxLength: 4 }),
}));

/** The very same value: unlike `===`, also for NaN and the sign of zero, and for lists by what is in them. */
function same(a: KeyPart, b: KeyPart): boolean {
  if (!isList(a) || !isList(b)) return Object.is(a, b);
  return a.length === b.length && a.every((part, index) => same(part, b[index]));
}

function isList(part: KeyPart): part is readonly KeyPart[] {
  return Array.isArray(part);
}

describe('the key of a step', () => {
  it('is the same for the same parts alone', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(stepKey(a) === stepKey(b)).toBe(same(a, b));
        expect(stepKey(structuredClone(a))).toBe(stepKey(a));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells lists by where they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(), (words, at) => {
        const cut = words.length === 0 ? 0 : at % words.length;
        const nested = [words.slice(0, cut), words.slice(cut)];
        expect(stepKey(nested)).not.toBe(stepKey(words));
        if (words.length > 1) expect(stepKey([words.join('')])).not.toBe(stepKey(words));
      }),
    );
  });

  it.each([
    [[undefined], [null]],
    [[null], ['null']],
    [[Number.NaN], [null]],
    [[0], [-0]],
    [['a', 'b'], ['a,b']],
    [
      ['a"', 'b'],
      ['a', '"b'],
    ],
    [
      [['a'], 'b'],
      ['a', ['b']],
    ],
    [[], [[]]],
    [['\ud800'], ['\\ud800']],
  ] as const)('tells %j from %j', (a, b) => {
    expect(stepKey(a)).not.toBe(stepKey(b));
  });
});
