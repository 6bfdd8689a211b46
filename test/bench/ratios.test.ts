import { describe, expect, it } from '@jest/globals';
import { checkRatios } from '../../bench/check.js';
import { compareRatios, mergeRatios, ratiosOf, smallerRatios } from '../../bench/ratios.js';
import { resultOf } from './result-of.ts';

describe('ratiosOf', () => {
  it('gives our share of the peer that the row is held against, and of the floor', () => {
    const classic = resultOf(
      'classic',
      500,
      { 'buildkit-28': 800, 'classic-28': 2000 },
      { against: 'classic-28', floor: 250 },
    );
    expect(ratiosOf([classic, resultOf('alone', 7)])).toEqual({
      classic: { 'classic-28': 0.25, floor: 2 },
      alone: {},
    });
  });
});

describe('compareRatios', () => {
  it('finds a ratio worse by half, and leaves one that is just not', () => {
    const committed = { a: { 'buildkit-28': 0.2 }, b: { 'buildkit-28': 0.2 } };
    const now = { a: { 'buildkit-28': 0.31 }, b: { 'buildkit-28': 0.29 } };
    expect(compareRatios(committed, now).map(({ row, worse }) => [row, worse])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('takes the peer before the floor, and the floor where one of the two had no peer', () => {
    const committed = { both: { 'buildkit-28': 0.2, floor: 1 }, alone: { 'buildkit-28': 0.2, floor: 1 } };
    const now = { both: { 'buildkit-28': 0.2, floor: 9 }, alone: { floor: 1.2 } };
    expect(compareRatios(committed, now).map(({ row, of, worse }) => [row, of, worse])).toEqual([
      ['both', 'buildkit-28', false],
      ['alone', 'floor', false],
    ]);
  });

  it('does not hold a ratio to one peer against a ratio to another', () => {
    expect(compareRatios({ a: { 'buildkit-28': 0.1 } }, { a: { 'classic-28': 0.9 } })).toEqual([]);
  });

  it('passes over rows that only one side has', () => {
    expect(compareRatios({ old: { floor: 1 } }, { new: { floor: 9 } })).toEqual([]);
  });
});

describe('checkRatios', () => {
  it('fails and names each row that is worse, with both figures', () => {
    const { text, worse, failed } = checkRatios({ 'files-cold': { floor: 1.2 } }, { 'files-cold': { floor: 2.4 } });
    expect(failed).toBe(true);
    expect(worse).toEqual(['files-cold']);
    expect(text).toBe('worse: files-cold: 2.4 of floor, was 1.2 (2.00 times)\n1 ratio compared, 1 worse by half.\n');
  });

  it('passes when nothing is worse', () => {
    expect(checkRatios({ a: { floor: 2 }, b: { floor: 1 } }, { a: { floor: 1 }, b: { floor: 1.4 } })).toEqual({
      text: '2 ratios compared, none worse by half.\n',
      worse: [],
      failed: false,
    });
  });

  it('fails when nothing could be compared: a guard that looks at nothing is none', () => {
    expect(checkRatios({}, { a: { floor: 1 } }).failed).toBe(true);
  });
});

describe('mergeRatios', () => {
  it('replaces the rows that were measured anew and keeps the others, by name', () => {
    const merged = mergeRatios({ b: { floor: 1 }, a: { 'buildkit-28': 1, floor: 1 } }, { c: {}, a: { floor: 2 } });
    expect(Object.entries(merged)).toEqual([
      ['a', { floor: 2 }],
      ['b', { floor: 1 }],
      ['c', {}],
    ]);
  });
});

describe('smallerRatios', () => {
  it('lets a second, quieter measurement take back what looked worse, and no other row', () => {
    const first = { a: { 'buildkit-28': 0.9, floor: 3 }, b: { floor: 2 } };
    expect(smallerRatios(first, { a: { 'buildkit-28': 0.3, floor: 4 }, c: { floor: 1 } })).toEqual({
      a: { 'buildkit-28': 0.3, floor: 3 },
      b: { floor: 2 },
    });
  });
});
