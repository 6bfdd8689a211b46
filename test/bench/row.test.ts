import { describe, expect, it } from '@jest/globals';
import { measureRow } from '../../bench/row.js';

type Bench = Parameters<typeof measureRow>[1];

describe('measureRow', () => {
  it('times other rows in the rounds of this one, behind it, and not in the first, which is not timed', async () => {
    const done: string[] = [];
    const took = (what: string, milliseconds: number) => async () => {
      done.push(what);
      return { milliseconds, cpuMs: milliseconds / 2, peakMiB: 7 };
    };
    const bench = { peers: [], options: { runs: 3, peerSeconds: 1 } } as unknown as Bench;
    const [first, second] = [took('small', 100), took('small', 104)];
    const row = {
      ...{ id: 'large', title: 'large', light: true },
      ours: took('large', 120),
      beside: { small: (round: number) => (round === 1 ? first() : second()) },
    };
    const result = await measureRow(row, bench, [], () => undefined);
    expect(done).toEqual(['large', ...Array.from({ length: 3 }, () => ['large', 'small']).flat()]);
    expect(result).toMatchObject({
      ours: { ms: 120, runs: 3, peakMiB: 7 },
      beside: { small: { ms: 104, cpuMs: 52, runs: 3 } },
    });
    const alone = await measureRow(
      { id: 'alone', title: 'alone', light: true, ours: row.ours },
      bench,
      [],
      () => undefined,
    );
    expect(alone).not.toHaveProperty('beside');
  });
});
