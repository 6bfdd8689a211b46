import { describe, expect, it } from '@jest/globals';
import { markdownTable, tableOf, textTable } from '../../bench/table.js';
import { resultOf } from './result-of.ts';

const machine = {
  cpus: 4,
  model: 'm',
  kernel: '6',
  node: '20',
  disk: 'd',
  sha256: 'sha256sum',
  peers: { 'buildkit-28': 'BuildKit 28.5.2', buildah: 'buildah 1.28', umoci: 'umoci 0.4' },
  leftOut: {},
};

describe('the table', () => {
  it('shows our time, each peer that did something, the ratio and the floor', () => {
    const row = resultOf('row', 400, { 'buildkit-28': 2000, buildah: 40 }, { floor: 320 });
    const slow = { ...row, peers: { ...row.peers, buildah: { ms: 12_340, cpuMs: 1, runs: 1 } } };
    const [head, ...rows] = tableOf({ machine, runs: 5, peerSeconds: 5, quick: false, rows: [row, slow] });
    expect(head).toEqual([
      'work',
      'layerlab',
      'peak',
      'BuildKit 28.5.2',
      'buildah 1.28',
      'ratio',
      'floor',
      '× floor',
      'goal',
    ]);
    expect(rows[0]).toEqual(['work row', '400 ms', '52 MB', '2.00 s', '40 ms', '5.0x', '320 ms', '1.25', '-']);
    expect(rows[1]?.[4]).toBe('12.34 s (1)');
  });

  it('says which goals are met and by how much others are missed', () => {
    const row = resultOf('files-cold', 400, { 'buildkit-28': 2400 }, { floor: 200 });
    const [, cells] = tableOf({ machine, runs: 5, peerSeconds: 5, quick: false, rows: [row] });
    expect(cells?.at(-1)).toBe('met ≤ 1/5; MISSED ≤ 1.50 × floor: 2.00 × floor');
  });

  it('lies straight on a terminal and is a table in Markdown', () => {
    const cells = [
      ['work', 'ms', 'goal'],
      ['copy', '12', '-'],
    ];
    expect(textTable(cells)).toBe('work   ms   goal\ncopy   12   -\n');
    expect(markdownTable(cells)).toBe('| work | ms | goal |\n| --- | ---: | --- |\n| copy | 12 | - |\n');
  });
});
