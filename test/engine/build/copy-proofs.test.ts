import { describe, expect, it } from '@jest/globals';
import { openCopyProofs } from '../../../src/engine/build/copy-proofs.ts';
import type { StepOutcome } from '../../../src/executor/steps/copy-step.ts';

describe('proofs of copies', () => {
  const there: StepOutcome = { layer: undefined, cached: false, proved: true };

  /** Which of these copies are asked for, where they are there or not. */
  async function asked(
    are: readonly boolean[],
  ): Promise<{ readonly asked: readonly number[]; readonly firsts: number }> {
    let firsts = 0;
    const proofs = openCopyProofs(() => {
      firsts += 1;
    });
    const seen: number[] = [];
    const answers = are.map((isThere, index) =>
      proofs.ask(() => {
        seen.push(index);
        return isThere ? there : undefined;
      }),
    );
    await Promise.all(answers);
    return { asked: seen, firsts };
  }

  it('are asked for in their order', async () => {
    expect(await asked([true, false, false, false, false, true])).toEqual({ asked: [0, 1, 2, 3, 4, 5], firsts: 1 });
  });

  it('are asked for no more behind three first ones that are not there', async () => {
    expect(await asked([false, false, false, true, true])).toEqual({ asked: [0, 1, 2], firsts: 0 });
    expect(await asked([false, false, true, false, false, false, true])).toMatchObject({
      firsts: 1,
      asked: [0, 1, 2, 3, 4, 5, 6],
    });
  });

  it('tell of a failure to who asked, and go on', async () => {
    const proofs = openCopyProofs(() => undefined);
    const failing = proofs.ask(() => {
      throw new Error('no');
    });
    const next = proofs.ask(() => there);
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(there);
  });

  it('let others have their turn in between', async () => {
    const order: string[] = [];
    const proofs = openCopyProofs(() => undefined);
    const both = ['a', 'b'].map((name) => proofs.ask(() => void order.push(name) as undefined));
    setImmediate(() => order.push('other'));
    await Promise.all(both);
    expect(order).toEqual(['a', 'other', 'b']);
  });
});
