import { describe, expect, it } from '@jest/globals';
import { judge } from '../../bench/judge.js';
import { resultOf } from './result-of.ts';

describe('judge', () => {
  it('holds a share of a peer’s time to the goal, the limit itself being enough', () => {
    const goals = [{ row: 'copy', atMost: 1 / 5, of: 'buildkit-28' }];
    const met = resultOf('copy', 200, { 'buildkit-28': 1000 });
    const missed = resultOf('copy', 250, { 'buildkit-28': 1000 });
    expect(judge(met, [met], goals)).toEqual([{ goal: '≤ 1/5', value: '1/5', met: true }]);
    expect(judge(missed, [missed], goals)).toEqual([{ goal: '≤ 1/5', value: '1/4', met: false }]);
  });

  it('says a share that is no whole one with a decimal, and one above the peer’s time as a multiple', () => {
    const goals = [{ row: 'copy', atMost: 1, of: 'buildkit-28' }];
    expect(judge(resultOf('copy', 300, { 'buildkit-28': 1000 }), [], goals)[0]).toMatchObject({ value: '1/3.3' });
    expect(judge(resultOf('copy', 1500, { 'buildkit-28': 1000 }), [], goals)[0]).toEqual({
      goal: '≤ 1 ×',
      value: '1.5 ×',
      met: false,
    });
  });

  it('measures against the floor, milliseconds, and another row', () => {
    const small = resultOf('small', 100);
    const large = resultOf('large', 140, {}, { floor: 100 });
    const goals = [
      { row: 'large', atMost: 1.5, of: 'floor' },
      { row: 'large', atMost: 150, of: 'ms' },
      { row: 'large', atMost: 1.15, of: 'row:small' },
    ];
    expect(judge(large, [small, large], goals)).toEqual([
      { goal: '≤ 1.50 × floor', value: '1.40 × floor', met: true },
      { goal: '≤ 150 ms', value: '140 ms', met: true },
      { goal: '≤ 1.15 × small', value: '1.40 × small', met: false },
    ]);
  });

  it('takes another row as it was timed beside this one, not as it was before', () => {
    const small = resultOf('small', 100);
    const large = resultOf('large', 140, {}, { beside: { small: 125 } });
    const goals = [{ row: 'large', atMost: 1.15, of: 'row:small' }];
    expect(judge(large, [small, large], goals)).toEqual([{ goal: '≤ 1.15 × small', value: '1.12 × small', met: true }]);
  });

  it('gives no verdict where the peer, the floor or the other row was not measured', () => {
    const row = resultOf('copy', 100, { buildah: 10 });
    const goals = ['buildkit-28', 'floor', 'row:small'].map((of) => ({ row: 'copy', atMost: 1, of }));
    expect(judge(row, [row], goals).map(({ met }) => met)).toEqual([undefined, undefined, undefined]);
  });

  it('counts memory of 200 MB as missed in any row, and says nothing of less', () => {
    expect(judge(resultOf('copy', 1, {}, { peakMiB: 191 }), [], [])).toEqual([
      { goal: '< 200 MB', value: '200 MB', met: false },
    ]);
    expect(judge(resultOf('copy', 1, {}, { peakMiB: 190 }), [], [])).toEqual([]);
  });
});
