import { describe, expect, it } from '@jest/globals';
import type { Writers } from '../../../src/committer/ahead/open-writers.ts';
import { openCopyLanes } from '../../../src/engine/build/copy-lanes.ts';
import type { CopyPool } from '../../../src/engine/build/copy-pool.ts';
import type { Weight } from '../../../src/executor/copy/weigh-sources.ts';

const soon = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Threads that do nothing but tell when they end. */
function threads() {
  const events: string[] = [];
  const writers = (): Writers => {
    events.push('writers');
    const place = async (): Promise<void> => undefined;
    return { depth: 2, place, read: place, remove: () => undefined, close: async () => void events.push('no writers') };
  };
  const pool = (): CopyPool => {
    events.push('pool');
    return { copy: async () => ({ layer: undefined, cached: false }), close: async () => void events.push('no pool') };
  };
  return { events, writers, pool };
}

/** Does pieces of these weights at once; gives how many were at work at the most. */
async function most(lanes: ReturnType<typeof openCopyLanes>, weights: readonly Weight[]): Promise<number> {
  let running = 0;
  let highest = 0;
  const one = async (): Promise<void> => {
    running += 1;
    highest = Math.max(highest, running);
    await soon();
    running -= 1;
  };
  await Promise.all(weights.map((weight) => lanes.run(() => weight, one)));
  return highest;
}

describe('openCopyLanes', () => {
  const pieces = (weight: Weight): Weight[] => Array.from({ length: 5 }, () => weight);

  it('does what is light one after the other, without a thread', async () => {
    const { events, writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => events.push('busy'), writers);
    expect(await most(lanes, pieces('light'))).toBe(1);
    await lanes.close();
    expect(events).toEqual([]);
  });

  it('has files of several copies written by others, and prepares one copy while those of another are written', async () => {
    const { events, writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => events.push('busy'), writers);
    expect(await most(lanes, pieces('medium'))).toBe(2);
    expect(await most(lanes, pieces('heavy'))).toBe(5);
    await lanes.close();
    expect(events).toEqual(['writers', 'busy', 'pool', 'no pool', 'no writers']);
  });

  it('asks nobody for a single copy', async () => {
    const { events, writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => events.push('busy'), writers);
    await lanes.run(() => 'heavy', soon as () => Promise<void>);
    expect(events).toEqual([]);
  });

  it('does all in this thread where there are no others', async () => {
    const lanes = openCopyLanes(
      () => undefined,
      () => undefined,
      () => undefined,
    );
    expect(await most(lanes, [...pieces('medium'), ...pieces('heavy')])).toBe(1);
    await lanes.close();
  });

  it('ends threads early, but under nobody, and has them again when they are needed', async () => {
    const { events, writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => undefined, writers);
    const both = Promise.all(
      [1, 2].map(() =>
        lanes.run(
          () => 'medium' as const,
          async () => soon(20),
        ),
      ),
    );
    await soon();
    lanes.release();
    expect(events).toEqual(['writers']);
    await both;
    expect(events).toEqual(['writers', 'no writers']);
    await most(lanes, pieces('medium'));
    expect(events).toEqual(['writers', 'no writers', 'writers', 'no writers']);
  });

  it('lets another copy begin when one turns out to be large and goes to a thread', async () => {
    const { writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => undefined, writers);
    let highest = 0;
    let running = 0;
    const one = (): Promise<void> =>
      lanes.run(
        () => 'medium',
        async ({ openPool }) => {
          running += 1;
          openPool?.();
          highest = Math.max(highest, running);
          await soon(20);
          running -= 1;
        },
      );
    await Promise.all([one(), one(), one(), one()]);
    await lanes.close();
    expect(highest).toBe(4);
  });

  it('fails with what the work fails with, and goes on with the next', async () => {
    const { writers, pool } = threads();
    const lanes = openCopyLanes(pool, () => undefined, writers);
    const bad = (weight: Weight): Promise<void> =>
      lanes.run(
        () => weight,
        async () => {
          throw new Error(`no ${weight}`);
        },
      );
    const weights: readonly Weight[] = ['light', 'medium', 'heavy', 'light', 'medium', 'medium', 'light'];
    const outcomes = await Promise.allSettled(weights.map(bad));
    expect(outcomes.map((one) => (one.status === 'rejected' ? String(one.reason.message) : ''))).toEqual(
      weights.map((weight) => `no ${weight}`),
    );
    expect(await most(lanes, pieces('light'))).toBe(1);
    await lanes.close();
  });
});
