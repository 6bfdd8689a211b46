import { describe, expect, it } from '@jest/globals';
import { openTidying, putOff } from '../../../src/executor/run/tidying.ts';

describe('what is left to do after a command', () => {
  it('is done in the order in which it was added, one after the other, and once', async () => {
    const { add, finish } = openTidying();
    const done: string[] = [];
    add(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push('one');
    });
    add(() => void done.push('two'));
    expect(done).toEqual([]);
    await finish();
    await finish();
    expect(done).toEqual(['one', 'two']);
  });

  it('is done to its end where something of it fails, and tells of the first failure', async () => {
    const { add, finish } = openTidying();
    const done: string[] = [];
    add(() => {
      throw new Error('first');
    });
    add(async () => {
      throw new Error('second');
    });
    add(() => void done.push('rest'));
    await expect(finish()).rejects.toThrow('first');
    expect(done).toEqual(['rest']);
  });

  it('is done at once where nobody sees to it', async () => {
    const tidying = openTidying();
    const done: string[] = [];
    putOff(undefined, () => void done.push('now'));
    putOff(tidying, () => void done.push('later'));
    expect(done).toEqual(['now']);
    await tidying.finish();
    expect(done).toEqual(['now', 'later']);
  });
});
