import { describe, expect, it } from '@jest/globals';
import { idleProcessors } from '../../src/host/idle-processors.ts';

describe('idle processors', () => {
  const seen = (looks: readonly number[], enough: number): { found: number; asked: number } => {
    let asked = 0;
    const found = idleProcessors(enough, () => looks[asked++] as number);
    return { found, asked };
  };

  it('are asked for once where there are enough', () => {
    expect(seen([3], 3)).toEqual({ found: 3, asked: 1 });
    expect(seen([2], 1)).toEqual({ found: 2, asked: 1 });
  });

  it('are those of the best of a few looks, as what others do may be over in a moment', () => {
    expect(seen([0, 1, 3], 3)).toEqual({ found: 3, asked: 3 });
    expect(seen([0, 2, 1, 0], 3)).toEqual({ found: 2, asked: 4 });
    expect(seen([0, 0, 0, 0], 1)).toEqual({ found: 0, asked: 4 });
  });

  it('are some of this host, in a millisecond or two', () => {
    const start = performance.now();
    const found = idleProcessors(Number.POSITIVE_INFINITY);
    expect(found).toBeGreaterThanOrEqual(0);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
