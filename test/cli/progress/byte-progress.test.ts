import { describe, expect, it } from '@jest/globals';
import { type ByteCount, withByteProgress } from '../../../src/cli/progress/byte-progress.ts';
import { fakeOutput } from '../fake-output.ts';

const work = async (update: (count: ByteCount) => void) => {
  update({ layer: 'sha256:0123456789abcdef', current: 500, total: 2000 });
  return 7;
};

describe('withByteProgress', () => {
  it('shows one line on a terminal and takes it away', async () => {
    const output = fakeOutput(true);
    expect(await withByteProgress(output, 'Loading layer', work)).toBe(7);
    expect(output.text()).toBe('\rLoading layer 0123456789ab [====>               ] 500B/2kB\u001b[K\r\u001b[K');
  });

  it('takes it away when the work fails, too', async () => {
    const output = fakeOutput(true);
    const failing = withByteProgress(output, 'Saving', async (update) => {
      update({ current: 1500, total: 0 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(output.text()).toBe('\rSaving 1.5kB\u001b[K\r\u001b[K');
  });

  it('shows nothing without a terminal', async () => {
    const output = fakeOutput(false);
    await withByteProgress(output, 'Saving', work);
    expect(output.text()).toBe('');
  });
});
