import { describe, expect, it } from '@jest/globals';
import { measure } from '../../bench/measure.js';
import { median } from '../../bench/statistics.js';

const MIB = 1_048_576;
/** Holds memory that is really touched, for a while. */
const hold = (mebibytes: number): string =>
  `const held = Buffer.alloc(${mebibytes} * ${MIB}, 1); setTimeout(() => held, 300);`;

describe('measure', () => {
  it('sees the memory of what the program started too', async () => {
    const starter = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(hold(150))}]);`;
    const { peakMiB } = await measure(process.execPath, ['-e', starter], { memory: true });
    expect(peakMiB).toBeGreaterThan(150);
    expect(peakMiB).toBeLessThan(450);
  });

  it('tells wall time, which waiting takes, from processor time, which it does not', async () => {
    const { milliseconds, cpuMs } = await measure('sleep', ['0.3']);
    expect(milliseconds).toBeGreaterThanOrEqual(300);
    expect(cpuMs).toBeLessThan(200);
  });

  it('fails with the words of a program that failed', async () => {
    await expect(measure('sh', ['-c', 'echo no such thing >&2; exit 3'])).rejects.toThrow(
      /exited with 3:\nno such thing/,
    );
  });
});

describe('median', () => {
  it('is the one in the middle, or the mean of two', () => {
    expect(median([100, 1, 2])).toBe(2);
    expect(median([4, 1, 100, 2])).toBe(3);
  });
});
