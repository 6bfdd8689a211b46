import { describe, expect, it } from '@jest/globals';
import { stepKey } from '../../../src/executor/cache/step-key.ts';

describe('stepKey', () => {
  // B05: keys that are joined without a frame let two different steps share one.
  it('keeps lists apart that concatenate alike', () => {
    const keys = [
      stepKey(['ab', 'c']),
      stepKey(['a', 'bc']),
      stepKey(['abc']),
      stepKey([['ab'], 'c']),
      stepKey(['ab', ['c']]),
      stepKey(['ab,c']),
      stepKey(['ab","c']),
      stepKey(['ab', 'c', null]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});
