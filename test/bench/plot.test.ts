import { describe, expect, it } from '@jest/globals';
import { growthOf, niceStep, plot } from '../../bench/plot.js';
import { resultOf } from './result-of.ts';

describe('growthOf', () => {
  it('makes one curve of the sizes of growth and of the row of full size, smallest first', () => {
    const rows = [
      resultOf('files-cold', 1600, { 'buildkit-28': 8000 }),
      resultOf('growth-files-5000', 500, { 'buildkit-28': 2000 }),
      resultOf('growth-files-1000', 100),
      resultOf('files-unchanged', 9),
    ];
    expect(growthOf(rows)).toEqual([
      {
        title: 'Files',
        axis: 'files copied',
        points: [
          { size: 1000, ours: 100, theirs: undefined },
          { size: 5000, ours: 500, theirs: 2000 },
          { size: 20_000, ours: 1600, theirs: 8000 },
        ],
      },
    ]);
  });

  it('draws nothing of a single size', () => {
    expect(growthOf([resultOf('files-cold', 1600)])).toEqual([]);
  });
});

describe('plot', () => {
  const panel = (points: readonly { size: number; ours: number; theirs: number | undefined }[]) => [
    { title: 'Files', axis: 'files', points },
  ];

  it('puts no time on the bottom line and the largest below the top one, in proportion', () => {
    const svg = plot(
      panel([
        { size: 500, ours: 1000, theirs: 2000 },
        { size: 1000, ours: 2000, theirs: 4000 },
      ]),
    );
    const [theirs, ours] = [...svg.matchAll(/points="([^"]+)"/g)].map((match) => match[1]);
    // Bottom is 184, the top of 4 s is 34: 1 s is 37.5 high; the right end of the panel is at 268.
    expect(theirs).toBe('157,109 268,34');
    expect(ours).toBe('157,146.5 268,109');
  });

  it('draws our curve alone where no peer was timed', () => {
    const svg = plot(
      panel([
        { size: 1, ours: 10, theirs: undefined },
        { size: 2, ours: 20, theirs: undefined },
      ]),
    );
    expect(svg.match(/<polyline/g)).toHaveLength(1);
    expect(svg).toContain('20 ms');
    expect(svg).not.toContain('NaN');
  });

  it.each([
    [0.9, 1],
    [1, 1],
    [1.1, 2],
    [3, 5],
    [0.07, 0.1],
    [60, 100],
  ])('steps its axis by round numbers: %d by %d', (least, step) => {
    expect(niceStep(least)).toBeCloseTo(step, 10);
  });
});
