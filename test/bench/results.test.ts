import { describe, expect, it } from '@jest/globals';
import { mergeResults, type Results } from '../../bench/results.js';
import { resultOf } from './result-of.ts';

function results(rows: Results['rows'], peers = {}, leftOut = {}): Results {
  const machine = { cpus: 4, model: 'm', kernel: '6', node: '20', sha256: 'sha256sum', disk: 'd', peers, leftOut };
  return { machine, runs: 5, peerSeconds: 5, quick: false, rows };
}

describe('mergeResults', () => {
  it('puts rows measured anew in the places of the old, new ones behind them, and keeps the rest', () => {
    const older = results([resultOf('a', 1), resultOf('b', 2), resultOf('c', 3)]);
    const merged = mergeResults(older, results([resultOf('d', 9), resultOf('b', 8)]));
    expect(merged.rows.map(({ id, ours }) => [id, ours.ms])).toEqual([
      ['a', 1],
      ['b', 8],
      ['c', 3],
      ['d', 9],
    ]);
  });

  it('keeps the peers of rows that stay, and leaves nobody out who has figures', () => {
    const older = results([resultOf('a', 1, { buildah: 2 })], { buildah: 'buildah 1' });
    const merged = mergeResults(
      older,
      results([], { umoci: 'umoci 0' }, { buildah: 'not asked', 'classic-28': 'none' }),
    );
    expect(merged.machine.peers).toEqual({ buildah: 'buildah 1', umoci: 'umoci 0' });
    expect(merged.machine.leftOut).toEqual({ 'classic-28': 'none' });
  });

  it('is the new results where there are no old ones', () => {
    const only = results([resultOf('a', 1)]);
    expect(mergeResults(undefined, only)).toBe(only);
  });
});
